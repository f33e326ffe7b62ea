/** What a Node resource decides before it touches anything. */
import { type ApiInfo, type ApiNode } from '../../../core/docker/types';
import { AVAILABILITY_LABEL } from '../../../core/swarm/labels';
import {
  allowed,
  hasLivingOthers,
  isLastManager,
  outputsOf,
  refuseForeign,
  wantedNode,
} from '../../../provider/node/decide';
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

describe('labels that somebody has set by hand', () => {
  const found = { ...node('n2', 'worker'), Spec: { ...node('n2', 'worker').Spec, Labels: { zone: 'a', rack: '7' } } };
  const declared = { ...inputs, labels: { zone: 'a' } };

  it('show as drift and are taken off', () => {
    expect(outputsOf(found, declared).labels).toEqual({ zone: 'a', rack: '7' });
    expect(wantedNode(declared, found, ['zone']).labels).toEqual({ zone: 'a' });
  });

  it('are neither shown nor touched where they are to be kept', () => {
    const keeping = { ...declared, otherLabels: 'keep' as const };
    expect(outputsOf(found, keeping).labels).toEqual({ zone: 'a' });
    expect(wantedNode(keeping, found, ['zone']).labels).toEqual({ zone: 'a', rack: '7' });
  });

  it('are not what the environment itself gave the node earlier: that goes when it is wanted no more', () => {
    const keeping = { ...inputs, labels: {}, otherLabels: 'keep' as const };
    expect(wantedNode(keeping, found, ['zone']).labels).toEqual({ rack: '7' });
  });

  it('are not what the provider keeps there while an engine is changed', () => {
    const marked = { ...found, Spec: { ...found.Spec, Labels: { zone: 'a', [AVAILABILITY_LABEL]: 'active' } } };
    expect(outputsOf(marked, declared).labels).toEqual({ zone: 'a' });
  });
});

describe('a plan that would lose quorum', () => {
  const refused = {
    allowed: false as const,
    cause: '2 of 3',
    cure: 'mend it',
    overridden: [{ kind: 'waitLeader' as const }],
  };
  const context = { urn: 'urn:pulumi:home::swarm::swarm:index:Node::node1', warn: jest.fn() };
  const permit = (plan: Parameters<typeof allowed>[0] = refused) =>
    allowed(plan, 'node1', 'changing the node', context);
  afterEach(() => {
    delete process.env.SWARM_ALLOW_QUORUM_LOSS;
  });

  it('is refused, and the cure names the way to accept the loss', () => {
    expect(permit).toThrow(/2 of 3\n\s+cure: mend it, or .* SWARM_ALLOW_QUORUM_LOSS=home pulumi up/);
  });

  it('goes on with a warning when the user accepts the loss for this environment', () => {
    process.env.SWARM_ALLOW_QUORUM_LOSS = 'home';
    expect(permit()).toEqual([{ kind: 'waitLeader' }]);
    expect(context.warn).toHaveBeenCalledWith(expect.stringContaining('2 of 3'));
  });

  it('is refused all the same when the user named another environment', () => {
    process.env.SWARM_ALLOW_QUORUM_LOSS = 'work';
    expect(permit).toThrow('2 of 3');
  });

  it('for another reason than quorum can’t be overridden', () => {
    process.env.SWARM_ALLOW_QUORUM_LOSS = 'home';
    expect(() => permit({ allowed: false, cause: 'no', cure: 'none' })).toThrow(/cure: none$/);
  });
});
