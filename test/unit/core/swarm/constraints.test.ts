import { matchesConstraints, parseConstraint } from '../../../../core/swarm/constraints';
import { aNode } from './builders';

const node = {
  ...aNode({ name: 'node4', address: '10.0.0.4', labels: { zone: 'a', Disk: 'SSD' } }),
  Description: {
    Hostname: 'node4',
    Platform: { Architecture: 'aarch64', OS: 'linux' },
    Engine: { EngineVersion: '26.1.5', Labels: { storage: 'fast' } },
  },
};

describe('a placement constraint', () => {
  it.each([
    ['node.id == id-node4', true],
    ['node.hostname == NODE4', true],
    ['node.hostname != node4', false],
    ['node.role == worker', true],
    ['node.role==manager', false],
    ['node.platform.os == linux', true],
    ['node.platform.arch != x86_64', true],
    ['node.labels.zone == A', true],
    ['node.labels.zone == b', false],
    ['node.labels.zone != b', true],
    ['node.labels.Disk == ssd', true],
    ['node.labels.disk == ssd', false],
    ['node.labels.missing != x', true],
    ['node.labels.missing == x', false],
    ['engine.labels.storage == fast', true],
    ['engine.labels.storage != fast', false],
    ['NODE.ROLE == worker', true],
    ['node.ip == 10.0.0.4', true],
    ['node.ip == 10.0.0.0/24', true],
    ['node.ip != 10.0.1.0/24', true],
    ['node.ip == fd00::/8', false],
    ['nonsense', false],
  ])('%s is %s for the node', (constraint, expected) => {
    expect(matchesConstraints(node, [constraint])).toBe(expected);
  });

  it('must hold along with all others', () => {
    expect(matchesConstraints(node, ['node.role == worker', 'node.labels.zone == a'])).toBe(true);
    expect(matchesConstraints(node, ['node.role == worker', 'node.labels.zone == b'])).toBe(false);
    expect(matchesConstraints(node, [])).toBe(true);
  });

  it.each([
    ['node.role', 'a constraint has == or != in it'],
    ['node.role = worker', 'a constraint has == or != in it'],
    ['zone == a', 'zone is none of node.id'],
    ['node.labels. == a', 'node.labels. is none of'],
    [' == a', 'an empty key is none of'],
    ['node.labels.a/b == a', 'has characters that swarm does not take in a key'],
    ['node.labels.zone ==', 'the value is missing'],
    ['node.labels.zone == a,b', 'a,b has characters that swarm does not take in a value'],
  ])('%s is refused, with why', (constraint, why) => {
    expect(parseConstraint(constraint)).toMatchObject({ problem: expect.stringContaining(why) as string });
  });
});
