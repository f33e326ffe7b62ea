import { missingContents, neededContents, type Contents } from '../../../../../core/swarm/compose/objects';
import { renderDeployable, type Deployable } from '../../../../../core/swarm/compose/render';
import { modelOf, serviceWith } from './read';

const nothing: Contents = { configs: {}, secrets: {} };

/** The file as docker will see it after it has replaced `$$`. */
function rendered(text: string, contents = nothing, key = 'key'): Deployable & { file: Record<string, never> } {
  const deployable = renderDeployable(modelOf(text), 'home', contents, key);
  const undouble = (_key: string, value: unknown) => (typeof value === 'string' ? value.replaceAll('$$', '$') : value);
  return { ...deployable, file: JSON.parse(deployable.compose, undouble) as Record<string, never> };
}

describe('the file that is deployed', () => {
  it('says what the model says, without empty parts', () => {
    const text = `${serviceWith('ports: ["80:80"]', 'networks: [home-net]', 'deploy: {replicas: 3}')}networks: {home-net: {}}\n`;
    expect(rendered(text).file).toEqual({
      services: {
        web: {
          image: 'web:1',
          deploy: { mode: 'replicated', replicas: 3, endpoint_mode: 'vip' },
          ports: [{ target: 80, published: 80, protocol: 'tcp', mode: 'ingress' }],
          networks: { 'home-net': null },
        },
      },
      networks: { 'home-net': { attachable: false, internal: false } },
      volumes: {},
      configs: {},
      secrets: {},
    });
  });

  it('doubles dollar signs, since docker replaces variables once more', () => {
    const { compose } = rendered(serviceWith('environment: {PRICE: "5$$", SHELL: "$${HOME}"}'));
    expect(compose).toContain('"PRICE": "5$$"');
    expect(compose).toContain('"SHELL": "$${HOME}"');
  });

  it('is the same text for the same file written in another order', () => {
    const one = 'services: {a: {image: x, environment: [A=1, B=2]}, b: {image: y}}\nnetworks: {n: {}, m: {}}\n';
    const other = 'networks: {m: {}, n: {}}\nservices: {b: {image: y}, a: {environment: {B: 2, A: 1}, image: x}}\n';
    expect(rendered(other).compose).toBe(rendered(one).compose);
  });

  it('names what is external and says nothing else of it', () => {
    const text = `${serviceWith('networks: [front]')}networks: {front: {external: true, name: shared}}\nvolumes: {v: {external: true}}\n`;
    expect(rendered(text).file).toMatchObject({
      networks: { front: { external: true, name: 'shared' } },
      volumes: { v: { external: true } },
    });
  });
});

describe('configs and secrets', () => {
  const text =
    serviceWith('configs: [site]', 'secrets: [key]') +
    'configs: {site: {file: ./site.conf}, motd: {content: hello}}\nsecrets: {key: {}, old: {external: true}}\n';
  const contents: Contents = { configs: { site: 'a' }, secrets: { key: 'hunter2' } };
  const nameOf = (given: Contents, which: string, key = 'key'): string =>
    rendered(text, given, key).objects.find(({ name }) => name.startsWith(`home_${which}-`))?.name ?? '';

  it('are made beforehand under names that end in a hash, and are external in the file', () => {
    const { file, objects } = rendered(text, contents);
    expect(objects.map(({ kind, name }) => `${kind} ${name.replace(/[0-9a-f]{12}$/, 'HASH')}`)).toEqual([
      'config home_motd-HASH',
      'config home_site-HASH',
      'secret home_key-HASH',
    ]);
    expect(file).toMatchObject({
      configs: { site: { external: true, name: nameOf(contents, 'site') } },
      secrets: { key: { external: true, name: nameOf(contents, 'key') }, old: { external: true, name: 'old' } },
    });
  });

  it('carry the label by which docker stack rm finds them', () => {
    for (const { labels } of rendered(text, contents).objects) {
      expect(labels).toEqual({ 'com.docker.stack.namespace': 'home' });
    }
  });

  it('get another name with another content, and keep it with the same', () => {
    expect(nameOf({ ...contents, configs: { site: 'b' } }, 'site')).not.toBe(nameOf(contents, 'site'));
    expect(nameOf({ ...contents, secrets: { key: 'other' } }, 'key')).not.toBe(nameOf(contents, 'key'));
    expect(nameOf({ ...contents }, 'key')).toBe(nameOf(contents, 'key'));
  });

  it('do not let anybody who sees a secret’s name try contents against it: the hash needs the stack’s key', () => {
    expect(nameOf(contents, 'key', 'another key')).not.toBe(nameOf(contents, 'key'));
    expect(nameOf(contents, 'site', 'another key')).toBe(nameOf(contents, 'site'));
  });

  it('keep their contents out of the file', () => {
    expect(rendered(text, contents).compose).not.toContain('hunter2');
  });

  it('have names that swarm takes, however long theirs are', () => {
    const long = `${serviceWith()}configs: {${'c'.repeat(80)}: {content: x}}\n`;
    const [object] = rendered(long).objects;
    expect(object?.name).toMatch(/^[a-z0-9]+(?:[a-z0-9-_.]*[a-z0-9])?$/i);
    expect(object?.name.length).toBeLessThanOrEqual(64);
  });

  it('tell which contents have to be given, and which are missing', () => {
    expect(neededContents(modelOf(text))).toEqual([
      { kind: 'config', key: 'site', file: './site.conf' },
      { kind: 'secret', key: 'key' },
    ]);
    expect(missingContents(modelOf(text), { configs: { site: '' }, secrets: {} })).toEqual([
      { kind: 'secret', key: 'key' },
    ]);
    expect(() => rendered(text)).toThrow('config site of stack home has no content');
  });
});
