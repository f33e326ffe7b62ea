/** The provider `swarm` as a preview sees it: real process, real protocol, no machine within reach. */
import { UNKNOWN, type PropertyMap } from '../../provider/protocol/values';
import { Plugin } from '../support/plugin';
import { COMPOSE, connection, manager, node, stack } from '../support/swarm-inputs';

describe('the provider swarm in a preview', () => {
  let plugin: Plugin;
  beforeAll(async () => {
    plugin = await Plugin.start('provider/pulumi-resource-swarm');
  }, 30_000);
  afterAll(() => plugin.stop());

  const check = async (token: string, inputs: PropertyMap, name?: string): Promise<string[]> =>
    (await plugin.check(`swarm:index:${token}`, inputs, undefined, name)).failures;

  describe('refuses, before anything is touched,', () => {
    it('an even number of managers', async () => {
      const failures = await check('Cluster', { name: 'dev', managers: [manager(1), manager(2)] });
      expect(failures).toEqual([expect.stringContaining('2 managers: an odd number is needed')]);
    });

    it('two managers with one address', async () => {
      const failures = await check('Cluster', {
        name: 'dev',
        managers: [manager(1), { ...manager(2), address: '10.0.0.1' }, manager(3)],
      });
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatch(/managers\[1\]\.address.*10\.0\.0\.1/);
    });

    it('settings of the swarm that Docker does not take', async () => {
      const spec = { certificateExpiryHours: 0.5, heartbeatPeriodSeconds: 0 };
      const failures = await check('Cluster', { name: 'dev', managers: [manager(1)], spec, rotateUnlockKey: '1' });
      expect(failures).toEqual([
        'spec.heartbeatPeriodSeconds: 0 is not a whole number from 1 to 9223372036',
        'spec.certificateExpiryHours: 0.5 is not a whole number from 1 to 2562047',
        expect.stringMatching(/^rotateUnlockKey: there is no unlock key without autolock/),
      ]);
    });

    it('two nodes with one name, though each is right by itself', async () => {
      expect(await check('Node', { ...node, name: 'twin', address: '10.0.9.1' }, 'first')).toEqual([]);
      const failures = await check('Node', { ...node, name: 'twin', address: '10.0.9.2' }, 'second');
      expect(failures).toEqual(['name: twin is already the name of the node first']);
    });

    it('a label key that no constraint could name', async () => {
      expect(await check('Node', { ...node, labels: { 'a b': 'x' } })).toEqual([expect.stringMatching(/"a b".*label/)]);
    });

    it('a role that doesn’t exist', async () => {
      expect(await check('Node', { ...node, role: 'boss' })).toEqual(['role: boss is none of manager, worker']);
    });

    it('a connection whose host key nobody has pinned', async () => {
      const failures = await check('Engine', { name: 'node1', connection: { host: 'node1', privateKey: 'key' } });
      expect(failures).toEqual([expect.stringMatching(/connection\.hostKey.*ssh-keyscan/)]);
    });

    it('a limit that doesn’t exist, or is none', async () => {
      const engine = { name: 'node1', connection: connection('node1') };
      const failures = await check('Engine', { ...engine, limits: { drainSeconds: 0, restSeconds: 5 } });
      expect(failures).toEqual([
        'limits.drainSeconds: must be a number of seconds above 0',
        expect.stringMatching(/^limits\.restSeconds: there is no such limit; there are drainSeconds, /),
      ]);
    });

    it('a compose key that swarm ignores, with file and line', async () => {
      const failures = await check('Stack', { ...stack, compose: `${COMPOSE}    container_name: web\n` });
      expect(failures).toEqual([
        expect.stringMatching(/^stacks\/home\/compose\.yaml:6: services\.web\.container_name: /),
      ]);
    });

    it('a compose variable that is missing', async () => {
      const failures = await check('Stack', { ...stack, variables: {} });
      expect(failures).toEqual([expect.stringMatching(/^stacks\/home\/compose\.yaml:3: .*IMAGE/)]);
    });

    it('a secret whose content is missing', async () => {
      const compose = `${COMPOSE}    secrets: [password]\nsecrets:\n  password: {file: ./password}\n`;
      expect(await check('Stack', { ...stack, compose })).toEqual([
        expect.stringMatching(/secrets\.password.*missing/),
      ]);
    });
  });

  it('never repeats a secret in what it refuses', async () => {
    const failures = await check('Engine', { name: 'node1', connection: { host: '', privateKey: 'the private key' } });
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.join()).not.toContain('the private key');
  });

  it('accepts inputs that will only be known later', async () => {
    const inputs: PropertyMap = { ...node, clusterId: UNKNOWN, name: 'later', address: UNKNOWN, connection: UNKNOWN };
    expect(await check('Node', inputs, 'later')).toEqual([]);
  });

  it('shows what it knows of a new node, and only the rest as unknown', async () => {
    const { value } = await plugin.create('swarm:index:Node', { ...node, clusterId: UNKNOWN }, { preview: true });
    expect(value).toMatchObject({ name: 'node1', role: 'manager', labels: { zone: 'a' }, availability: 'active' });
    expect(value.nodeId).toBe(UNKNOWN);
  });

  it('shows the services of a new stack with their ports', async () => {
    const { inputs } = await plugin.check('swarm:index:Stack', stack);
    const { value } = await plugin.create('swarm:index:Stack', inputs.value, { preview: true });
    expect(value.services).toEqual({
      web: {
        ...{ image: 'httpd:1', mode: 'replicated', replicas: 3 },
        ports: [{ target: 80, published: 8080, protocol: 'tcp', mode: 'ingress' }],
      },
    });
  });

  it('keeps secret inputs secret', async () => {
    const secretPaths = new Set(['connection.privateKey', 'managers[0].connection.privateKey']);
    const { inputs } = await plugin.check('swarm:index:Node', node, secretPaths);
    expect(inputs.secretPaths).toEqual(secretPaths);
  });

  it('hides all that a secret variable could show in', async () => {
    const { inputs } = await plugin.check('swarm:index:Stack', stack, new Set(['variables.IMAGE']));
    expect([...inputs.secretPaths].sort()).toEqual(['model', 'variables.IMAGE']);
    const { secretPaths } = await plugin.create('swarm:index:Stack', inputs.value, {
      preview: true,
      secretPaths: inputs.secretPaths,
    });
    expect([...secretPaths].sort()).toEqual(['deployed', 'nameKey', 'observed', 'services']);
  });
});
