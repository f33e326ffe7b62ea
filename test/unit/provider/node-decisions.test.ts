/** What a Node resource decides before it touches anything. */
import { type ApiInfo, type ApiNode } from '../../../core/docker/types';
import { hasLivingOthers, isLastManager, refuseForeign } from '../../../provider/node/decide';
import { type NodeInputs } from '../../../provider/node/properties';

const inputs: NodeInputs = {
  ...{ clusterId: 'ours', name: 'node2', address: '10.0.0.2', role: 'worker', connection: { host: 'node2' } },
  managers: [{ name: 'node1', address: '10.0.0.1', connection: { host: 'node1' } }],
};
const outside: ApiInfo['Swarm'] = {
  ...{ NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '' },
  RemoteManagers: null,
};
const member = { ...outside, NodeID: 'n2', LocalNodeState: 'active' as const };
const node = (ID: string, role: 'manager' | 'worker', state: ApiNode['Status']['State'] = 'ready'): ApiNode => ({
  ...{ ID, Version: { Index: 1 }, CreatedAt: '', Spec: { Role: role, Availability: 'active' } },
  Description: { Hostname: ID, Platform: { Architecture: 'x86_64', OS: 'linux' }, Engine: { EngineVersion: '26' } },
  Status: { State: state, Addr: '10.0.0.9' },
  ...(role === 'manager' ? { ManagerStatus: { Reachability: 'reachable' as const, Addr: '10.0.0.9:2377' } } : {}),
});

describe('a machine that is to join', () => {
  const refusal =
    (local: ApiInfo['Swarm'], observed: ApiNode[] = []) =>
    () => {
      refuseForeign(inputs, local, observed);
    };

  it('is taken when it is in no swarm, or in this one already', () => {
    expect(refusal(outside)).not.toThrow();
    expect(refusal(member, [node('n2', 'worker')])).not.toThrow();
  });

  it('is taken when only its entry has been removed from this swarm', () => {
    expect(refusal({ ...member, RemoteManagers: [{ NodeID: 'n1', Addr: '10.0.0.1:2377' }] })).not.toThrow();
    expect(refusal({ ...member, Cluster: { ID: 'ours', CreatedAt: '' } })).not.toThrow();
  });

  it('is refused as a manager of another swarm, by that swarm’s id', () => {
    expect(refusal({ ...member, Cluster: { ID: 'theirs', CreatedAt: '' } })).toThrow(
      /node2: joining the swarm failed: it is a member of another swarm \(theirs\)\n\s+cure: .*swarm leave/,
    );
  });

  it('is refused as a worker of another swarm, by its managers’ addresses', () => {
    const local = { ...member, RemoteManagers: [{ NodeID: 'x', Addr: '10.9.9.9:2377' }] };
    expect(refusal(local)).toThrow(/another swarm \(with managers at 10\.9\.9\.9\)/);
  });
});

describe('a node that is to leave', () => {
  it('is the last manager when all others are workers', () => {
    expect(isLastManager([node('n1', 'manager'), node('n2', 'worker')], 'n1')).toBe(true);
    expect(isLastManager([node('n1', 'manager'), node('n3', 'manager')], 'n1')).toBe(false);
    expect(isLastManager([node('n1', 'manager'), node('n2', 'worker')], 'n2')).toBe(false);
  });

  it('waits for those that live, not for those that are Down', () => {
    expect(hasLivingOthers([node('n1', 'manager'), node('n2', 'worker')], 'n1')).toBe(true);
    expect(hasLivingOthers([node('n1', 'manager'), node('n2', 'worker', 'down')], 'n1')).toBe(false);
  });
});
