/**
 * The whole life of a swarm's nodes on lab machines, each change made the way a person makes it: the environment file is
 * changed, `pulumi up` does the rest. Each test goes on from where the one before has left the swarm.
 */
import { succeed } from '../support/environment';
import { LabMachines } from '../support/existing';
import { fetchText } from '../support/lab';
import { MemberSwarm } from '../support/member-swarm';

const MINUTE = 60_000;

describe('the nodes of a swarm', () => {
  const swarm = new MemberSwarm(new LabMachines('members', '10.82.0'), { 1: 'manager', 2: 'worker', 3: 'worker' });
  const { machines } = swarm;

  beforeAll(async () => {
    await machines.start();
    await machines.boot(1, 2, 3, 4, 5);
    await swarm.create('e2e-members');
    succeed(await swarm.environment.up());
  }, 10 * MINUTE);

  afterAll(async () => {
    await swarm.end();
  }, MINUTE);

  it(
    'grow from one manager to three, with two new workers in the same run',
    async () => {
      const begin = Math.floor(Date.now() / 1000);
      swarm.labels = { 4: { zone: 'b' }, 5: { zone: 'c' } };
      const outcome = await swarm.up({ 1: 'manager', 2: 'manager', 3: 'manager', 4: 'worker', 5: 'worker' });
      expect(outcome.operations).toEqual(
        expect.arrayContaining(['create Node node4', 'create Node node5', 'update Node node2', 'update Node node3']),
      );
      await swarm.expectMembers(1);
      const changes = await swarm.availabilityChanges(begin, [1, 2, 3]);
      expect(changes).toEqual(expect.arrayContaining(['node4 drain active', 'node5 drain active']));
    },
    10 * MINUTE,
  );

  it(
    'grow to five managers and shrink to three, the first machine and leader not among them',
    async () => {
      await swarm.up({ 1: 'manager', 2: 'manager', 3: 'manager', 4: 'manager', 5: 'manager' });
      await swarm.expectMembers(1);
      await swarm.up({ 1: 'worker', 2: 'worker', 3: 'manager', 4: 'manager', 5: 'manager' });
      await swarm.expectMembers(3);
    },
    6 * MINUTE,
  );

  it(
    'swap roles in one run, who takes over coming in before who steps down goes',
    async () => {
      const watch = swarm.watchManagers(3);
      await swarm.up({ 1: 'manager', 2: 'manager', 3: 'manager', 4: 'worker', 5: 'worker' });
      const fewest = await watch.stop();
      await swarm.expectMembers(1);
      expect(fewest).toBeGreaterThanOrEqual(3);
    },
    6 * MINUTE,
  );

  it(
    'refuse another advertise address for a living manager in the preview, with the way that works',
    async () => {
      swarm.environment.configure(swarm.config({ 2: { address: '10.82.0.99' } }));
      const outcome = await swarm.environment.preview();
      expect(outcome.succeeded).toBe(false);
      expect(outcome.text).toMatch(
        /node2: changing its advertise address failed: it is a living manager at 10\.82\.0\.12.*\n\s+cure: replace the node/,
      );
    },
    MINUTE,
  );

  describe('when the first machine, the swarm’s leader, is dead', () => {
    beforeAll(async () => {
      await machines.run(1, 'docker node ls');
      await machines.off(1);
    }, MINUTE);

    it(
      'labels and scaling go on as ever',
      async () => {
        swarm.labels = { ...swarm.labels, 4: { zone: 'd' } };
        swarm.replicas = 3;
        const outcome = await swarm.up();
        expect(outcome.operations.sort()).toEqual(['update Node node4', 'update Stack web']);
        expect(await machines.run(2, "docker node inspect node4 --format '{{.Spec.Labels.zone}}'")).toEqual(['d']);
      },
      6 * MINUTE,
    );

    it(
      'a change that would lose quorum is refused before anything is done, with the arithmetic',
      async () => {
        const before = await swarm.members(2);
        swarm.wanted = { 1: 'manager', 2: 'worker', 3: 'worker', 4: 'worker', 5: 'worker' };
        swarm.labels = { ...swarm.labels, 5: { zone: 'not yet' } };
        swarm.configure();
        const outcome = await swarm.environment.up();
        expect(outcome.succeeded).toBe(false);
        expect(outcome.text).toMatch(/2 managers, 1 reachable after this step, 2 needed/);
        expect(outcome.text).toMatch(/SWARM_ALLOW_QUORUM_LOSS=e2e-members/);
        expect(await swarm.members(2)).toEqual(before);
        expect(await machines.run(2, "docker node inspect node5 --format '{{.Spec.Labels.zone}}'")).toEqual(['c']);
        swarm.labels = { ...swarm.labels, 5: { zone: 'c' } };
      },
      6 * MINUTE,
    );

    it(
      'another takes its place: it joins, then the dead one’s entry goes',
      async () => {
        await machines.boot(6);
        await swarm.up({ 2: 'manager', 3: 'manager', 4: 'worker', 5: 'worker', 6: 'manager' });
        await swarm.expectMembers(6);
        expect(await fetchText(`http://${machines.get(6).forward}:8080/cgi-bin/lbtest`)).toContain('container: ');
      },
      8 * MINUTE,
    );
  });

  it(
    'take in a machine made anew with the same name and address: one entry, its labels back',
    async () => {
      const before = await swarm.nodeId(2, 5);
      await machines.makeAnew(5);
      const outcome = await swarm.up();
      expect(outcome.operations).toContain('update Node node5');
      await swarm.expectMembers(2);
      expect(await swarm.nodeId(2, 5)).not.toBe(before);
      expect(await machines.run(2, "docker node inspect node5 --format '{{.Spec.Labels.zone}}'")).toEqual(['c']);
      expect((await swarm.environment.up()).operations).toEqual([]);
    },
    8 * MINUTE,
  );

  it(
    'show what was done to them by hand, and are put right: drained, demoted, relabelled, removed, Down',
    async () => {
      await machines.run(2, 'docker node update --availability drain --label-add rack=7 --label-add zone=x node4');
      await machines.run(2, 'docker node demote node6');
      await machines.run(5, 'docker swarm leave');
      await machines.run(2, 'until docker node ls | grep "node5 .*Down"; do sleep 0.5; done');
      const seen = succeed(await swarm.environment.preview({ refresh: true }));
      const found = seen.operations.filter((operation) => !operation.startsWith('refresh '));
      expect(found.sort()).toEqual(['update Node node4', 'update Node node5', 'update Node node6']);
      const outcome = succeed(await swarm.environment.up({ refresh: true }));
      expect(outcome.operations).toEqual(expect.arrayContaining(['update Node node4']));
      await swarm.expectMembers(2);
      expect(await machines.run(2, "docker node inspect node4 --format '{{json .Spec.Labels}}'")).toEqual([
        '{"zone":"d"}',
      ]);
    },
    8 * MINUTE,
  );

  it(
    'keep labels set by hand, and managers spare of tasks, where the environment says so',
    async () => {
      await machines.run(2, 'docker node update --label-add rack=7 node4');
      swarm.membership = { otherLabels: 'keep', drainManagers: true };
      swarm.configure();
      succeed(await swarm.environment.up({ refresh: true }));
      await swarm.expectMembers(2, { manager: 'Drain', worker: 'Active' });
      const labels = await machines.run(2, "docker node inspect node4 --format '{{json .Spec.Labels}}'");
      expect(labels).toEqual(['{"rack":"7","zone":"d"}']);
      swarm.membership = {};
      await swarm.up();
      await swarm.expectMembers(2);
    },
    8 * MINUTE,
  );

  it(
    'leave as they should when they are taken out of the file: drained, gone from the list, out of the swarm',
    async () => {
      await swarm.up({ 2: 'manager', 3: 'manager', 5: 'worker', 6: 'manager' });
      await swarm.expectMembers(2);
      expect(await machines.run(4, "docker info --format '{{.Swarm.LocalNodeState}}'")).toEqual(['inactive']);
    },
    6 * MINUTE,
  );

  it(
    'are adopted as they are by an environment that has never seen them: nothing restarts',
    async () => {
      const containers = async (): Promise<string[]> =>
        (await Promise.all([2, 3, 5, 6].map((number) => machines.run(number, 'docker ps -q --no-trunc')))).flat();
      const [before, ids] = [await containers(), await machines.run(2, 'docker node ls -q')];
      swarm.environment.forget();
      await swarm.create('e2e-members2');
      const outcome = succeed(await swarm.environment.up());
      expect(outcome.text).toMatch(/adopting the swarm/);
      expect(await containers()).toEqual(before);
      expect((await machines.run(2, 'docker node ls -q')).sort()).toEqual(ids.sort());
      expect((await swarm.environment.up()).operations).toEqual([]);
    },
    6 * MINUTE,
  );

  it(
    'are imported by their ids, the swarm and its stack with them, and nothing is left to change',
    async () => {
      const name = 'e2e-members3';
      const clusterId = (await machines.run(2, "docker info --format '{{.Swarm.Cluster.ID}}'")).join();
      const ids = await swarm.nodeIds(2);
      swarm.environment.forget();
      await swarm.create(name);
      succeed(await swarm.environment.import(swarm.importList(name, clusterId, ids)));
      expect(swarm.environment.stateFiles()).not.toContain('PRIVATE KEY');
      const { operations } = succeed(await swarm.environment.up());
      expect(operations.filter((operation) => /Cluster|Node|Stack web/.test(operation))).toEqual([]);
      expect((await swarm.environment.up()).operations).toEqual([]);
    },
    6 * MINUTE,
  );

  it(
    'end the swarm with the last of them',
    async () => {
      succeed(await swarm.environment.destroy());
      for (const number of [2, 3, 5, 6]) {
        expect(await machines.run(number, "docker info --format '{{.Swarm.LocalNodeState}}'")).toEqual(['inactive']);
      }
    },
    6 * MINUTE,
  );

  it(
    'are left alone where they form two swarms: neither is taken for the other',
    async () => {
      await Promise.all(
        [2, 3].map((number) => machines.run(number, `docker swarm init --advertise-addr 10.82.0.1${number}`)),
      );
      const outcome = await swarm.environment.up();
      expect(outcome.succeeded).toBe(false);
      expect(outcome.text).toMatch(
        /the machines belong to different swarms: .*\(node2\).* and .*\(node3\)\n\s+cure: decide which/,
      );
    },
    6 * MINUTE,
  );
});
