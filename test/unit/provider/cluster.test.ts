/** What a Cluster does to the swarm as a whole, on a swarm in memory. */
import { ClusterResource } from '../../../provider/cluster';
import { type ClusterInputs, type ClusterOutputs } from '../../../provider/cluster/properties';
import { unlockIfLocked } from '../../../provider/cluster/unlock';
import { Importer } from '../../../provider/importer';
import { type Existing } from '../../../provider/protocol/resource';
import { aNode } from '../core/swarm/builders';
import { contextOf, FakeSwarm } from '../../support/swarm';

const AUTOLOCK = { autolock: true };
const spec = {
  ...{ autolock: true, taskHistoryLimit: 5, heartbeatPeriodSeconds: 5, certificateExpiryHours: 2160 },
  snapshotInterval: 10000,
};

describe('a cluster', () => {
  const context = contextOf('dev');
  let swarm: FakeSwarm;

  const begin = (states: ConstructorParameters<typeof FakeSwarm>[0]) => {
    swarm = new FakeSwarm(states);
    swarm.swarm.Spec = { EncryptionConfig: { AutoLockManagers: true } };
    const { access } = swarm;
    return { access, cluster: new ClusterResource(access, new Importer()) };
  };
  const inputsOf = (more: Partial<ClusterInputs> = {}): ClusterInputs => ({
    ...{ name: 'dev', managers: swarm.managers, spec: AUTOLOCK },
    ...more,
  });
  const existing = (more: Partial<ClusterOutputs> = {}): Existing<ClusterInputs, ClusterOutputs> => ({
    id: 'ours',
    inputs: inputsOf(),
    outputs: {
      ...{ name: 'dev', clusterId: 'ours', createdAt: '2026-01-01T00:00:00Z', spec },
      ...{ defaultAddressPools: ['10.0.0.0/8'], subnetSize: 24, dataPathPort: 4789 },
      ...more,
    },
  });

  describe('whose managers were restarted', () => {
    it('unlocks all of them with the key it was given earlier', async () => {
      const { cluster } = begin({ node1: 'locked', node2: 'locked', node3: 'locked' });
      const old = existing({ unlockKey: 'SWMKEY-1', locked: ['node1', 'node2', 'node3'] });
      const outputs = await cluster.update(old, inputsOf(), context);
      expect(swarm.unlocked.sort()).toEqual(['node1', 'node2', 'node3']);
      expect(outputs).toMatchObject({ unlockKey: 'SWMKEY-1' });
      expect(outputs.locked).toBeUndefined();
    });

    it('unlocks one with the key that the others give out, also when it is adopted', async () => {
      const { cluster } = begin({ node1: 'active', node2: 'locked', node3: 'active' });
      const { outputs } = await cluster.create(inputsOf(), context);
      expect(swarm.unlocked).toEqual(['node2']);
      expect(outputs.unlockKey).toBe('SWMKEY-1');
    });

    it('tries the earlier key on one that was down while the key was changed', async () => {
      const { cluster } = begin({ node1: 'active', node2: 'locked', node3: 'active' });
      swarm.key = 'SWMKEY-2';
      swarm.oldKeys.set('node2', 'SWMKEY-1');
      await cluster.update(existing({ unlockKey: 'SWMKEY-1', locked: ['node2'] }), inputsOf(), context);
      expect(swarm.unlocked).toEqual(['node2']);
    });

    it('says which are locked and how to unlock them when no key is known, or the wrong one', async () => {
      const { cluster } = begin({ node1: 'locked', node2: 'locked', node3: 'locked' });
      await expect(cluster.update(existing(), inputsOf(), context)).rejects.toThrow(
        /^node1, node2, node3: unlocking the swarm failed: .*key is not known here\n\s+cure: run `docker swarm unlock` on/,
      );
      const wrong = cluster.update(existing({ unlockKey: 'SWMKEY-wrong' }), inputsOf(), context);
      await expect(wrong).rejects.toThrow(/^node1: unlocking the swarm failed: it does not take the unlock key/);
      await expect(wrong).rejects.not.toThrow(/SWMKEY/);
    });

    it('leaves machines alone that are not locked', async () => {
      const { access } = begin({ node1: 'active', node2: 'inactive' });
      for (const manager of swarm.managers) await unlockIfLocked(await access.reach(manager, context), 'key', context);
      expect(swarm.unlocked).toEqual([]);
    });
  });

  describe('looked at by a refresh', () => {
    const read = async (cluster: ClusterResource) =>
      cluster.read({ id: 'ours', inputs: inputsOf(), outputs: existing({ unlockKey: 'SWMKEY-1' }).outputs }, context);

    it('is seen through those that answer', async () => {
      const { cluster } = begin({ node1: 'silent', node2: 'locked', node3: 'active' });
      expect((await read(cluster))?.outputs).toMatchObject({ clusterId: 'ours', locked: ['node2'] });
      expect(context.said.join('\n')).toContain('node1 can’t be asked for its place in the swarm: node1: connecting');
    });

    it('keeps what was seen last, the key above all, while all are locked', async () => {
      const { cluster } = begin({ node1: 'locked', node2: 'locked', node3: 'silent' });
      expect((await read(cluster))?.outputs).toMatchObject({ unlockKey: 'SWMKEY-1', locked: ['node1', 'node2'] });
    });

    it('is gone only when every manager says so', async () => {
      expect(await read(begin({ node1: 'inactive', node2: 'inactive', node3: 'inactive' }).cluster)).toBeUndefined();
    });
  });

  describe('removed', () => {
    it('ends on the manager that an interrupted run has left, whoever else is silent', async () => {
      const { cluster } = begin({ node1: 'silent', node2: 'active', node3: 'inactive' });
      await cluster.delete(existing(), context);
      expect(swarm.states.get('node2')).toBe('inactive');
    });

    it('stays while nodes are in it that the environment does not know', async () => {
      const { cluster } = begin({ node1: 'active' });
      swarm.nodes = [aNode({ name: 'node1', id: 'id-node1', role: 'manager' }), aNode({ name: 'stranger' })];
      await expect(cluster.delete(existing(), context)).rejects.toThrow(
        /^node1: ending the swarm failed: nodes .* are still members: stranger\n\s+cure: /,
      );
      expect(swarm.states.get('node1')).toBe('active');
    });
  });

  describe('found by its environment', () => {
    it('is adopted with what it has', async () => {
      const { cluster } = begin({ node1: 'active', node2: 'inactive', node3: 'inactive' });
      swarm.swarm = { ...swarm.swarm, DefaultAddrPool: ['10.30.0.0/16'], SubnetSize: 26 };
      const { outputs } = await cluster.create(inputsOf(), context);
      expect(outputs).toMatchObject({ defaultAddressPools: ['10.30.0.0/16'], subnetSize: 26, dataPathPort: 4789 });
      expect(cluster.diff({ ...existing(), outputs }, inputsOf({ subnetSize: 26 }), context).changes).toEqual({});
    });

    it('is refused when it has what can’t be changed', async () => {
      const { cluster } = begin({ node1: 'active' });
      await expect(cluster.create(inputsOf({ subnetSize: 26 }), context)).rejects.toThrow(
        /^dev: adopting the swarm failed: the swarm ours .* has subnetSize 24 instead of 26.*\n\s+cure: take subnetSize out/,
      );
    });
  });

  describe('given other settings', () => {
    it('is changed though another change comes between', async () => {
      const { cluster } = begin({ node1: 'active' });
      swarm.collisions = 2;
      const outputs = await cluster.update(
        existing(),
        inputsOf({ spec: { ...AUTOLOCK, taskHistoryLimit: 2 } }),
        context,
      );
      expect(outputs.spec.taskHistoryLimit).toBe(2);
    });

    it('gets new tokens when their setting has another value, once, and never when it is removed', async () => {
      const { cluster } = begin({ node1: 'active' });
      const settings = { rotateJoinTokens: '2026-11' };
      const outputs = await cluster.update(existing(), inputsOf(settings), context);
      expect(outputs.rotateJoinTokens).toBe('2026-11');
      await cluster.update({ ...existing(), outputs }, inputsOf(settings), context);
      await cluster.update({ ...existing(), outputs }, inputsOf(), context);
      expect(swarm.rotations.filter(({ joinTokens }) => joinTokens)).toHaveLength(1);
    });
  });

  describe('whose managers are to change', () => {
    const removeFirst = () => {
      const made = begin({ node1: 'active', node2: 'active', node3: 'silent' });
      swarm.nodes = swarm.managers.map(({ name, address }) =>
        aNode({ name, address, role: 'manager', reachable: swarm.states.get(name) !== 'silent' }),
      );
      return {
        ...made,
        change: () => made.cluster.update(existing(), inputsOf({ managers: swarm.managers.slice(2) }), context),
      };
    };
    afterEach(() => {
      delete process.env.SWARM_ALLOW_QUORUM_LOSS;
    });

    it('refuses a change that would lose quorum before anything is done, for the rest of the run', async () => {
      const { access, change } = removeFirst();
      await expect(change()).rejects.toThrow(
        /^node1: changing the managers of dev failed: removing node1 would lose quorum: 2 managers, 1 reachable after this step, 2 needed\n\s+cure: bring node3 back first, or .*SWARM_ALLOW_QUORUM_LOSS=dev/,
      );
      expect(swarm.rotations).toEqual([]);
      expect(access.run.refusalOf('ours')).toMatch(/would lose quorum/);
    });

    it('goes on when the environment is named as the one that may lose quorum, and no other one', async () => {
      process.env.SWARM_ALLOW_QUORUM_LOSS = 'prod';
      await expect(removeFirst().change()).rejects.toThrow(/would lose quorum/);
      process.env.SWARM_ALLOW_QUORUM_LOSS = 'dev';
      const { access, change } = removeFirst();
      expect((await change()).clusterId).toBe('ours');
      expect(access.run.refusalOf('ours')).toBeUndefined();
      expect(context.said.join('\n')).toMatch(/going on though this loses quorum, as you asked: removing node1/);
    });
  });
});
