/** What the provider `swarm` says of changes: real process, real protocol, no machine within reach. */
import { UNKNOWN, type PropertyMap } from '../../provider/protocol/values';
import { Plugin } from '../support/plugin';
import { until } from '../unit/ssh/server';
import { COMPOSE, connection, manager, node, stack } from '../support/swarm-inputs';

describe('the provider swarm, of a change,', () => {
  let plugin: Plugin;
  beforeAll(async () => {
    plugin = await Plugin.start('provider/pulumi-resource-swarm');
  }, 30_000);
  afterAll(() => plugin.stop());

  it('refuses another advertise address for a living manager, with the way that works', async () => {
    const outputs = { ...node, nodeId: 'id', state: 'ready' };
    const diff = plugin.diff('swarm:index:Node', { inputs: node, outputs }, { ...node, address: '10.0.0.9' });
    await expect(diff).rejects.toThrow(
      /^node1: changing its advertise address failed: .*10\.0\.0\.1.*10\.0\.0\.9\n\s+cure: replace the node/,
    );
  });

  describe('names what changes', () => {
    const outputs = {
      ...{ clusterId: 'cluster', name: 'node1', address: '10.0.0.1', role: 'manager', labels: { zone: 'a' } },
      ...{ availability: 'active', nodeId: 'id', state: 'ready', hostname: 'node1', engineVersion: '26' },
    };

    it('nothing, when nothing does', async () => {
      const { changes } = await plugin.diff('swarm:index:Node', { inputs: node, outputs }, node);
      expect(changes).toEqual({});
    });

    it('nothing, when only the list of managers has grown', async () => {
      const news = { ...node, managers: [manager(1), manager(2), manager(3)] };
      expect((await plugin.diff('swarm:index:Node', { inputs: node, outputs }, news)).changes).toEqual({});
    });

    it('a label, by its key', async () => {
      const news = { ...node, labels: { zone: 'b', rack: '1' } };
      const { changes } = await plugin.diff('swarm:index:Node', { inputs: node, outputs }, news);
      expect(changes).toEqual({ 'labels.zone': 'UPDATE', 'labels.rack': 'ADD' });
    });

    it('a node that was drained by hand', async () => {
      const drained = { ...outputs, availability: 'drain' };
      const { changes } = await plugin.diff('swarm:index:Node', { inputs: node, outputs: drained }, node);
      expect(changes).toEqual({ availability: 'UPDATE' });
    });

    it('an advertise address, which only a new node can have', async () => {
      const worker = { inputs: { ...node, role: 'worker' }, outputs: { ...outputs, role: 'worker' } };
      const news = { ...worker.inputs, address: '10.0.0.9' };
      expect((await plugin.diff('swarm:index:Node', worker, news)).changes).toEqual({ address: 'UPDATE_REPLACE' });
    });

    it('another host key: the machine may have been made anew', async () => {
      const news = { ...node, connection: { ...connection('node1'), hostKey: 'ssh-ed25519 AAAAother' } };
      const { changes } = await plugin.diff('swarm:index:Node', { inputs: node, outputs }, news);
      expect(changes).toEqual({ 'connection.hostKey': 'UPDATE' });
    });

    it('a node that is Down', async () => {
      const down = { ...outputs, state: 'down' };
      expect((await plugin.diff('swarm:index:Node', { inputs: node, outputs: down }, node)).changes).toEqual({
        state: 'UPDATE',
      });
    });

    it('the key of a service, and nothing for a comment', async () => {
      const checked = async (compose: string) =>
        (await plugin.check('swarm:index:Stack', { ...stack, compose })).inputs.value;
      const old = {
        inputs: await checked(COMPOSE),
        outputs: { clusterId: 'cluster', name: 'home', deployed: {}, observed: {} },
      };
      const scaled = await plugin.diff('swarm:index:Stack', old, await checked(COMPOSE.replace('3', '5')));
      expect(scaled.changes).toEqual({ 'model.services.web.deploy.replicas': 'UPDATE' });
      const commented = await plugin.diff('swarm:index:Stack', old, await checked(`# three of them\n${COMPOSE}`));
      expect(commented.changes).toEqual({});
    });

    describe('of an engine', () => {
      const engine: PropertyMap = { name: 'node1', connection: connection('node1'), daemon: { debug: true } };
      const found: PropertyMap = {
        ...{ name: 'node1', packages: ['docker.io', 'docker-cli'], installedVersion: '26.1.5+dfsg1-9' },
        ...{ daemon: { debug: true }, daemonFile: { debug: true }, answers: true },
      };
      const changes = async (outputs: PropertyMap, news: PropertyMap) =>
        (await plugin.diff('swarm:index:Engine', { inputs: engine, outputs: { ...found, ...outputs } }, news)).changes;

      it('daemon.json, when somebody has edited it', async () => {
        expect(await changes({ daemonFile: {} }, engine)).toEqual({ 'daemonFile["debug"]': 'UPDATE' });
      });

      it('the version, when somebody has installed another', async () => {
        const pinned = { ...engine, version: '26.1.5' };
        expect(await changes({ version: '26.1.5' }, pinned)).toEqual({});
        const upgraded = { version: '26.1.5', installedVersion: '28.5.2+dfsg4-5' };
        expect(await changes(upgraded, pinned)).toEqual({ version: 'UPDATE' });
      });

      it('that it did not answer', async () => {
        expect(await changes({ answers: false }, engine)).toEqual({ answers: 'UPDATE' });
      });

      it('the host key, which tells of a new system on the machine', async () => {
        const news = { ...engine, connection: { ...(engine.connection as PropertyMap), hostKey: 'ssh-ed25519 BBBB' } };
        expect(await changes({}, news)).toEqual({ 'connection.hostKey': 'UPDATE' });
        const preflight = { inputs: engine, outputs: { name: 'node1' } };
        const { changes: looked } = await plugin.diff('swarm:index:Preflight', preflight, news);
        expect(looked).toEqual({ 'connection.hostKey': 'UPDATE' });
      });

      it('nothing, when only a limit has', async () => {
        expect(await changes({}, { ...engine, limits: { drainSeconds: 600 } })).toEqual({});
      });
    });
  });

  describe('names what changes of the swarm', () => {
    const cluster: PropertyMap = { name: 'dev', managers: [manager(1)] };
    const spec = {
      ...{ autolock: false, taskHistoryLimit: 5, heartbeatPeriodSeconds: 5 },
      ...{ certificateExpiryHours: 2160, snapshotInterval: 10000 },
    };
    const fixed = { defaultAddressPools: ['10.0.0.0/8'], subnetSize: 24, dataPathPort: 4789 };
    const old = { inputs: cluster, outputs: { name: 'dev', clusterId: 'cluster', spec, ...fixed } };
    const changesTo = async (news: PropertyMap, outputs: PropertyMap = {}) => {
      const found = { ...old, outputs: { ...old.outputs, ...outputs } };
      return (await plugin.diff('swarm:index:Cluster', found, { ...cluster, ...news })).changes;
    };

    it('settings, by their keys', async () => {
      expect(await changesTo({ spec: { taskHistoryLimit: 3 } })).toEqual({ 'spec.taskHistoryLimit': 'UPDATE' });
      expect(await changesTo({ rotateJoinTokens: '2026-11' })).toEqual({ rotateJoinTokens: 'ADD' });
    });

    it('managers that come and go, by their names, and nothing of how they are reached', async () => {
      const news = { managers: [{ ...manager(1), connection: connection('elsewhere') }, manager(2), manager(3)] };
      expect(await changesTo(news)).toEqual({ 'managerAddresses.node2': 'ADD', 'managerAddresses.node3': 'ADD' });
      const { inputs } = await plugin.check('swarm:index:Cluster', { ...cluster, ...news });
      expect(inputs.value.managerAddresses).toEqual({ node1: '10.0.0.1', node2: '10.0.0.2', node3: '10.0.0.3' });
    });

    it('managers that were found locked', async () => {
      expect(await changesTo({}, { locked: ['node1'] })).toEqual({ locked: 'DELETE' });
    });

    it('no address pool that the swarm has already, nor one that nobody has asked for', async () => {
      const pools = ['10.30.0.0/16'];
      expect(await changesTo({ defaultAddressPools: pools }, { defaultAddressPools: pools })).toEqual({});
      expect(await changesTo({}, { defaultAddressPools: pools })).toEqual({});
    });

    it('refuses what rebuilds the swarm, unless that is allowed: then it warns', async () => {
      const news = { defaultAddressPools: ['10.20.0.0/16'] };
      await expect(changesTo(news)).rejects.toThrow(
        /^dev: changing defaultAddressPools of the swarm failed: that rebuilds it: every node leaves .*\n\s+cure: .*`protect: false`/,
      );
      const allowed = { ...cluster, ...news, protect: false };
      const { changes, deleteBeforeReplace } = await plugin.diff('swarm:index:Cluster', old, allowed);
      expect(changes).toEqual({ defaultAddressPools: 'UPDATE_REPLACE' });
      expect(deleteBeforeReplace).toBe(true);
      const warning = 'another defaultAddressPools rebuilds the swarm: every node leaves and joins anew';
      await until(() => plugin.lines.some(({ message }) => message.startsWith(warning)));
    });

    it('the unlock key as what it is: secret, and unknown until there is one', async () => {
      const { value, secretPaths } = await plugin.create(
        'swarm:index:Cluster',
        { ...cluster, spec: { autolock: true } },
        { preview: true },
      );
      expect(value.unlockKey).toBe(UNKNOWN);
      expect([...secretPaths]).toContain('unlockKey');
      expect((await plugin.create('swarm:index:Cluster', cluster, { preview: true })).value).not.toHaveProperty(
        'unlockKey',
      );
    });
  });
});
