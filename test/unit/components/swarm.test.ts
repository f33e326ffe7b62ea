import { Host } from '../../../components/hosts';
import { dockerHost, managerEndpoints, Swarm, type SwarmArgs } from '../../../components/swarm';
import { connectionTo, existingMachine, labOutputs, umlMachine } from '../../support/machines';
import { record, UNKNOWN, valueOf, type RecordOptions } from '../../support/record';

const declared = [
  { name: 'node1', role: 'manager', address: '10.0.0.1', labels: { zone: 'a' } },
  { name: 'node2', role: 'worker', address: '10.0.0.2', availability: 'drain' },
  { name: 'node3', role: 'manager', address: '10.0.0.3' },
  { name: 'node4', role: 'manager', address: '10.0.0.4' },
] as const;

function formSwarm(cluster?: SwarmArgs['cluster']): Swarm {
  const machines = declared.map((node) => ({ ...node, machine: existingMachine(node.name, node.address) }));
  const managers = managerEndpoints(machines);
  const members = machines.map(({ machine, ...node }) => ({
    ...node,
    host: new Host(node.name, { machine, managers }),
  }));
  return new Swarm('dev', { members, managers, cluster });
}

const outputs: RecordOptions['outputs'] = ({ name }) => ({ clusterId: 'the-swarm', nodeId: `id-of-${name}` });

const managers = ['10.0.0.1', '10.0.0.3', '10.0.0.4'].map((address) => expect.objectContaining({ address }) as unknown);

describe('a swarm', () => {
  it('starts when the managers’ engines are there, without waiting for workers', async () => {
    const recording = await record(formSwarm, { outputs });
    const cluster = recording.get('Cluster dev');
    expect(cluster.parent).toBe('swarm:Swarm dev');
    expect(cluster.dependsOn).toEqual(['Engine node1', 'Engine node3', 'Engine node4']);
    expect(cluster.inputs).toEqual({ name: 'dev', managers });
  });

  it('passes the settings of the cluster on', async () => {
    const settings = {
      spec: { taskHistoryLimit: 3 },
      defaultAddressPools: ['10.20.0.0/16'],
      subnetSize: 26,
      dataPathPort: 7777,
    };
    const recording = await record(() => formSwarm(settings), { outputs });
    expect(recording.get('Cluster dev').inputs).toEqual({ name: 'dev', managers, ...settings });
  });

  it('makes a node of each host once that host and the swarm are ready, and waits for no other host', async () => {
    const recording = await record(formSwarm, { outputs });
    expect(recording.ids.filter((id) => id.startsWith('Node'))).toEqual([
      'Node node1',
      'Node node2',
      'Node node3',
      'Node node4',
    ]);
    const { inputs, dependsOn, parent } = recording.get('Node node2');
    expect([dependsOn, parent]).toEqual([['Cluster dev', 'Engine node2'], 'swarm:Swarm dev']);
    expect(inputs).toEqual({
      clusterId: 'the-swarm',
      name: 'node2',
      address: '10.0.0.2',
      role: 'worker',
      labels: {},
      availability: 'drain',
      connection: expect.objectContaining({ host: '10.0.0.2' }) as unknown,
      managers,
    });
  });

  it('lets a node leave before its machine is replaced, and another one join in its place', async () => {
    const swarmOnLab = () => {
      const machine = umlMachine('node1', '10.77.0.11');
      const managers = managerEndpoints([{ machine, role: 'manager' }]);
      return new Swarm('dev', {
        members: [{ host: new Host('node1', { machine, managers }), role: 'manager' }],
        managers,
      });
    };
    const { replacedWith, deletedWith } = (await record(swarmOnLab, { outputs: labOutputs })).get('Node node1');
    expect(replacedWith).toEqual(['local:Command node1']);
    expect(deletedWith).toBeUndefined();
  });

  it('lists its nodes, with nothing secret among them', async () => {
    const { result } = await record(formSwarm, { outputs });
    expect(await valueOf(result.nodes)).toEqual([
      { name: 'node1', role: 'manager', address: '10.0.0.1', nodeId: 'id-of-node1', labels: { zone: 'a' } },
      { name: 'node2', role: 'worker', address: '10.0.0.2', nodeId: 'id-of-node2', labels: {} },
      { name: 'node3', role: 'manager', address: '10.0.0.3', nodeId: 'id-of-node3', labels: {} },
      { name: 'node4', role: 'manager', address: '10.0.0.4', nodeId: 'id-of-node4', labels: {} },
    ]);
  });

  it('shows in a preview everything about a new node but the ids that Docker gives', async () => {
    const recording = await record(formSwarm, { preview: true });
    expect(recording.get('Node node1').inputs).toMatchObject({
      clusterId: UNKNOWN,
      role: 'manager',
      labels: { zone: 'a' },
    });
    const [node1] = recording.result.nodes;
    expect(node1).toMatchObject({ name: 'node1', role: 'manager', address: '10.0.0.1', labels: { zone: 'a' } });
    expect(await valueOf(node1?.nodeId)).toBe(UNKNOWN);
  });
});

describe('the docker host of a manager', () => {
  const hostOf = (host: string, more = {}) =>
    valueOf(dockerHost({ name: 'node1', address: '10.0.0.1', connection: connectionTo(host, more) }));

  it.each([
    ['10.0.0.1', {}, 'ssh://root@10.0.0.1'],
    ['10.0.0.1', { port: 2222, user: 'odroid' }, 'ssh://odroid@10.0.0.1:2222'],
    ['fd00::1', {}, 'ssh://root@[fd00::1]'],
  ])('at %s with %j is %s', async (host, more, expected) => {
    await record(() => undefined);
    expect(await hostOf(host, more)).toBe(expected);
  });
});
