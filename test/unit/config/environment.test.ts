import { parse } from 'yaml';
import type { Environment } from '../../../config';
import { readEnvironment } from '../../../config/read';
import { makeHome, PRIVATE_KEY, readYaml, removeHome } from '../../support/environment-file';
import { record, secret, valueOf } from '../../support/record';

let home: string;
beforeAll(async () => {
  home = makeHome({
    key: `${PRIVATE_KEY}key`,
    'jump-key': `${PRIVATE_KEY}jump-key`,
    known_hosts: '10.0.0.1 ssh-ed25519 AAAAone\njump.lan ssh-ed25519 AAAAjump\n',
    'compose.yaml': "services: { web: { image: '${IMAGE}', ports: ['80:80', '53:53/udp'] } }",
  });
  await record(() => undefined);
});
afterAll(() => {
  removeHome(home);
});

const read = (text: string): Environment => readYaml(text, home);

const privateKey = (name: string) => secret(`${PRIVATE_KEY}${name}`);

describe('an environment of lab machines', () => {
  const text = `
    machines: { kind: uml }
    nodes:
      - { name: node2, role: worker, address: 10.77.0.12 }
      - { name: node1, role: manager, address: 10.77.0.11, labels: { zone: a }, availability: drain }
    stacks:
      home: { compose: HOME/compose.yaml, variables: { IMAGE: 'httpd:1' } }
  `;

  it('can say how long things may take', () => {
    expect(read(`${text}\n    limits: { drainSeconds: 600 }`).limits).toEqual({ drainSeconds: 600 });
    expect(read(text).limits).toBeUndefined();
    expect(() => read(`${text}\n    limits: { drainSeconds: 0 }`)).toThrow(/limits\.drainSeconds/);
  });

  it('needs no more than its nodes; the rest has defaults', async () => {
    const { nodes, ...rest } = read(text);
    const machine = { kind: 'uml', lab: 'dev', subnet: '10.77.0', memory: 768, disk: 4096, ports: [80] };
    expect(nodes).toMatchObject([
      {
        name: 'node1',
        role: 'manager',
        labels: { zone: 'a' },
        availability: 'drain',
        machine: { ...machine, address: '10.77.0.11' },
      },
      {
        name: 'node2',
        role: 'worker',
        labels: {},
        availability: 'active',
        machine: { ...machine, address: '10.77.0.12' },
      },
    ]);
    expect(rest).toMatchObject({ name: 'test', engine: {}, cluster: { spec: {} } });
    const [first] = nodes;
    const login = first?.machine.kind === 'uml' ? first.machine.login : {};
    expect(login.user).toBe('root');
    expect(await valueOf(login.privateKey)).toEqual(privateKey('lab'));
  });

  it('is the same whatever the order of its nodes', () => {
    const lines = text.split('\n');
    const [second, first] = lines.splice(3, 2) as [string, string];
    const reordered = [...lines.slice(0, 3), first, second, ...lines.slice(3)].join('\n');
    expect(read(reordered).nodes.map(({ name }) => name)).toEqual(read(text).nodes.map(({ name }) => name));
  });

  it('forwards every TCP port that its stacks publish', () => {
    expect(read(text).nodes.map(({ machine }) => machine)).toMatchObject([{ ports: [80] }, { ports: [80] }]);
  });
});

describe('an environment of existing machines', () => {
  const connections = (text: string) =>
    read(`\n    machines: { kind: existing }${text}`).nodes.map(({ machine }) =>
      machine.kind === 'existing' ? machine.connection : undefined,
    );

  it('takes the login of all nodes, unless a node has its own', async () => {
    const [first, second] = connections(`
    ssh: { user: odroid, sudo: true, privateKeyFile: HOME/key, knownHostsFile: HOME/known_hosts }
    nodes:
      - { name: node1, role: manager, address: 10.0.0.1 }
      - { name: node2, role: worker, address: 10.0.0.2, host: two.lan, port: 2222, user: root, sudo: false, password: word, hostKey: ssh-ed25519 AAAA }
    `);
    expect(first).toMatchObject({
      host: '10.0.0.1',
      port: 22,
      user: 'odroid',
      sudo: true,
      hostKey: 'ssh-ed25519 AAAAone',
    });
    expect(await valueOf(first?.privateKey)).toEqual(privateKey('key'));
    expect(first).not.toHaveProperty('password');
    expect(second).toMatchObject({ host: 'two.lan', port: 2222, user: 'root', hostKey: 'ssh-ed25519 AAAA' });
    expect(await valueOf(second?.password)).toEqual(secret('word'));
    expect(second).not.toHaveProperty('privateKey');
    expect(second).not.toHaveProperty('sudo');
  });

  it('goes through the jump host, with its own key and the host key known for it', async () => {
    const [first] = connections(`
    ssh:
      privateKeyFile: HOME/key
      knownHostsFile: HOME/known_hosts
      jumpHost: { host: jump.lan, user: guest, privateKeyFile: HOME/jump-key }
    nodes: [{ name: node1, role: manager, address: 10.0.0.1 }]
    `);
    expect(first?.proxy).toMatchObject({ host: 'jump.lan', port: 22, user: 'guest', hostKey: 'ssh-ed25519 AAAAjump' });
    expect(await valueOf(first?.proxy?.privateKey)).toEqual(privateKey('jump-key'));
    expect(await valueOf(first?.privateKey)).toEqual(privateKey('key'));
  });
});

describe('the stacks of an environment', () => {
  const text = `
    machines: { kind: uml }
    nodes: [{ name: node1, role: manager, address: 10.77.0.11 }]
    stacks:
      home:
        compose: HOME/compose.yaml
        variables: { IMAGE: 'httpd:1', PASSWORD: { secure: v1:abc } }
        secrets: { token: xyz }
  `;
  const decrypted = () => parse(text.replace('{ secure: v1:abc }', 'hunter2').replaceAll('HOME', home)) as unknown;

  it('keep secrets and encrypted variables secret, and show other variables', async () => {
    const fileText = `config:\n  swarm:environment:${text}`;
    const source = { name: 'test', file: 'Pulumi.test.yaml', fileText, value: decrypted() };
    const [stack] = readEnvironment(source).stacks;
    expect(await valueOf(stack?.variables.IMAGE)).toBe('httpd:1');
    expect(await valueOf(stack?.variables.PASSWORD)).toEqual(secret('hunter2'));
    expect(await valueOf(stack?.secrets.token)).toEqual(secret('xyz'));
  });

  it('keep all variables secret when the file is not there to tell which are encrypted', async () => {
    const [stack] = readEnvironment({ name: 'test', file: 'Pulumi.test.yaml', value: decrypted() }).stacks;
    expect(await valueOf(stack?.variables.IMAGE)).toEqual(secret('httpd:1'));
  });
});
