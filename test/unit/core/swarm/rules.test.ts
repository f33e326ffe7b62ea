import fc from 'fast-check';
import { canonicalAddress } from '../../../../core/swarm/addresses';
import { checkLabels } from '../../../../core/swarm/labels';
import {
  checkAddress,
  checkManagerCount,
  checkNodeName,
  checkNodes,
  type DeclaredNode,
} from '../../../../core/swarm/rules';

const node = (name: string, address: string, role: DeclaredNode['role'] = 'worker'): DeclaredNode => ({
  name,
  address,
  role,
});

describe('the nodes of a swarm', () => {
  it('are taken when names and addresses differ and the managers are an odd number', () => {
    const nodes = [node('node1', '10.0.0.1', 'manager'), node('node2', '10.0.0.2'), node('node3', 'fd00::3')];
    expect(checkNodes(nodes)).toEqual([]);
  });

  it('need an odd number of managers, and the message says what each number tolerates', () => {
    expect(checkManagerCount(2, 'nodes')).toEqual([
      {
        path: 'nodes',
        message:
          '2 managers: an odd number is needed, for example 1, 3, 5 or 7 ' +
          '(2 managers tolerate the loss of 0, 1 of 0, 3 of 1)',
      },
    ]);
    expect(checkManagerCount(0, 'nodes')).toHaveLength(1);
    fc.assert(fc.property(fc.nat(50), (half) => checkManagerCount(2 * half + 1, '').length === 0));
  });

  it('have no name twice, whatever its case, and the message names both places', () => {
    const problems = checkNodes([node('node1', '10.0.0.1', 'manager'), node('Node1', '10.0.0.2')]);
    expect(problems).toEqual([
      { path: 'nodes[1].name', message: 'name Node1 is already used by nodes[0]: every node needs its own' },
    ]);
  });

  it('have no address twice, whatever its spelling', () => {
    const problems = checkNodes([node('a', 'fd00::1', 'manager'), node('b', 'fd00:0:0::0001')]);
    expect(problems).toEqual([
      {
        path: 'nodes[1].address',
        message: 'address fd00:0:0::0001 is already used by nodes[0] of a: every node needs its own',
      },
    ]);
  });

  it('are all looked at: every problem comes out in one go', () => {
    const problems = checkNodes(
      [{ ...node('-x', '10.0.0.256'), labels: { 'com.docker.x': '1' } }],
      'environment.nodes',
    );
    expect(problems.map(({ path }) => path)).toEqual([
      'environment.nodes',
      'environment.nodes[0].name',
      'environment.nodes[0].address',
      'environment.nodes[0].labels.com.docker.x',
    ]);
  });
});

describe('a node name', () => {
  it.each(['node1', 'a', 'odroid-c2', 'node1.home.arpa', 'x'.repeat(63), '1st'])('may be %s', (name) => {
    expect(checkNodeName(name, 'name')).toEqual([]);
  });

  it.each([
    ['', 'empty'],
    ['node_1', 'only letters, digits, hyphens and dots'],
    ['-node', 'hyphen'],
    ['node-', 'hyphen'],
    ['node..home', 'empty'],
    ['x'.repeat(64), '63'],
    ['10.0.0.1', 'an address'],
    ['nöde', 'only letters'],
  ])('may not be %j', (name, why) => {
    expect(checkNodeName(name, 'name')[0]?.message).toContain(why);
  });
});

describe('an advertise address', () => {
  it.each(['10.77.0.11', '192.168.1.1', 'fd00::1', '2001:db8::ff'])('may be %s', (address) => {
    expect(checkAddress(address, 'address')).toEqual([]);
  });

  it.each([
    ['node1', 'not an IPv4 or IPv6 address'],
    ['10.0.0.256', 'not an IPv4 or IPv6 address'],
    ['10.0.0.1:2377', 'not an IPv4 or IPv6 address'],
    ['0.0.0.0', 'wildcard'],
    ['::', 'wildcard'],
    ['127.0.0.1', 'loopback'],
    ['0:0::1', 'loopback'],
    ['239.1.1.1', 'multicast'],
    ['ff02::1', 'multicast'],
  ])('may not be %s', (address, why) => {
    expect(checkAddress(address, 'address')[0]?.message).toContain(why);
  });

  it('has one canonical spelling', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => canonicalAddress(canonicalAddress(address)) === canonicalAddress(address)),
    );
    expect(canonicalAddress('FD00:0:0:0:0:0:0:1')).toBe('fd00::1');
  });
});

describe('labels', () => {
  it.each(['zone', 'storage.disk', 'my_label', 'rack-1', '2nd', 'com.example.zone'])('may have the key %s', (key) => {
    expect(checkLabels({ [key]: 'value with spaces' }, 'labels')).toEqual([]);
  });

  it.each([
    ['com.docker.x', 'Docker keeps com.docker.* for itself'],
    ['io.docker.x', 'Docker keeps io.docker.* for itself'],
    ['org.dockerproject.x', 'Docker keeps org.dockerproject.* for itself'],
    ['node.labels.zone', 'write zone without node.labels.'],
    ['engine.labels.zone', 'write zone without engine.labels.'],
    ['zone/a', 'is not a label key'],
    ['', 'is not a label key'],
    ['.zone', 'is not a label key'],
    ['zone-', 'is not a label key'],
    ['a=b', 'is not a label key'],
  ])('may not have the key %j', (key, why) => {
    expect(checkLabels({ [key]: 'x' }, 'labels')[0]?.message).toContain(why);
  });

  it('have values of one line', () => {
    expect(checkLabels({ zone: 'a\nb' }, 'labels')).toEqual([
      { path: 'labels.zone', message: 'a label value is one line of text without control characters' },
    ]);
  });
});
