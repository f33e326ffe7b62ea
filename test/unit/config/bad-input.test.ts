import { boards, complaints, lab, nodes, type Keys } from '../../support/complaints';
import { makeHome, PRIVATE_KEY, removeHome } from '../../support/environment-file';

let home: string;
beforeAll(() => {
  home = makeHome({ key: `${PRIVATE_KEY}key`, known_hosts: '10.0.0.1 ssh-ed25519 AAAA\n' });
});
afterAll(() => {
  removeHome(home);
});

const complain = (yaml: string): string[] => complaints(yaml, home);

const manager = (name: string, last: number, more = '') =>
  `name: ${name}, role: manager, address: 10.77.0.${last}${more}`;

it('has nothing to say about what is right', () => {
  expect([complain(lab()), complain(boards())]).toEqual([[], []]);
});

describe('keys and values of the environment file', () => {
  it.each<[string, Keys, string]>([
    [
      'a mistyped key',
      nodes(manager('node1', 11, ', lables: {}')),
      'nodes[0].lables: unknown key (did you mean "labels"?)',
    ],
    ['a mistyped key at the top', { stakcs: '{}' }, 'stakcs: unknown key (did you mean "stacks"?)'],
    [
      'a mistyped key of the machines',
      { machines: '{ kind: uml, memry: 1 }' },
      'machines.memry: unknown key (did you mean "memory"?)',
    ],
    [
      'a key of another kind of machine',
      { machines: '{ kind: existing, lab: dev }' },
      'machines.lab: unknown key (there are: kind)',
    ],
    [
      'an unknown kind of machine',
      { machines: '{ kind: umll }' },
      'machines.kind: must be uml or existing (did you mean "uml"?)',
    ],
    ['no kind of machine', { machines: '{ memory: 512 }' }, 'machines.kind: missing; it must be uml or existing'],
    ['a missing key', nodes('name: node1, role: manager'), 'nodes[0].address: missing'],
    [
      'a mistyped role',
      nodes('name: node1, role: manger, address: 10.77.0.11'),
      'nodes[0].role: must be manager or worker (did you mean "manager"?)',
    ],
    [
      'a label that YAML reads as true',
      nodes(manager('node1', 11, ', labels: { ssd: true }')),
      'nodes[0].labels.ssd: must be text, not true; put it in quotes',
    ],
    [
      'a version that YAML reads as a number',
      { engine: '{ version: 26.1 }' },
      'engine.version: must be text, not a number; put it in quotes',
    ],
    ['too little memory', { machines: '{ kind: uml, memory: 64 }' }, 'machines.memory: must be at least 256'],
    ['memory with a unit', { machines: '{ kind: uml, memory: 768M }' }, 'machines.memory: must be a number, not text'],
    ['no nodes', { nodes: '[]' }, 'nodes: must not be empty'],
    ['a list that is not one', { nodes: '{}' }, 'nodes: must be a list, not a mapping'],
    [
      'a name that no stack can have',
      { stacks: '{ My Stack: { compose: x } }' },
      'stacks.My Stack: a stack name consists of small letters, digits, dashes and underscores',
    ],
    [
      'a lab name that is too long',
      { machines: '{ kind: uml, lab: alongerlabname16 }' },
      'machines.lab: must be at most 15 small letters and digits',
    ],
  ])('%s', (_, changes, line) => {
    expect(complain(lab(changes))).toEqual([`Pulumi.test.yaml: swarm:environment.${line}`]);
  });

  it('are all named at once, each on a line of its own', () => {
    expect(
      complain(
        lab({ engin: '{}', machines: '{ kind: uml, labb: dev }', ...nodes('name: node1, role: manager, address: 11') }),
      ),
    ).toEqual([
      'Pulumi.test.yaml: swarm:environment.machines.labb: unknown key (did you mean "lab"?)',
      'Pulumi.test.yaml: swarm:environment.nodes[0].address: must be text, not a number; put it in quotes',
      'Pulumi.test.yaml: swarm:environment.engin: unknown key (did you mean "engine"?)',
    ]);
  });

  it('are not there at all', () => {
    expect(complain('')).toEqual(['Pulumi.test.yaml: swarm:environment: must be a mapping, not empty']);
  });

  it('never quote a value, which may be a secret', () => {
    expect(
      complain(
        boards({
          ssh: '{ password: { hunter2: hunter2 } }',
          stacks: '{ home: { compose: x, secrets: hunter2 } }',
        }),
      ).join(),
    ).not.toContain('hunter2');
  });
});

describe('rules that span several keys', () => {
  const label = (key: string) => nodes(manager('node1', 11, `, labels: { ${key}: a }`));

  it.each<[string, Keys, RegExp]>([
    [
      'an even number of managers',
      nodes(manager('node1', 11), manager('node2', 12)),
      /nodes: 2 managers: an odd number is needed/,
    ],
    ['no manager', nodes('name: node1, role: worker, address: 10.77.0.11'), /nodes: no node is a manager/],
    [
      'one name twice',
      nodes(manager('node1', 11), 'name: node1, role: worker, address: 10.77.0.12'),
      /nodes\[1\]\.name: name node1 is already used by nodes\[0\]/,
    ],
    [
      'one address twice',
      nodes(manager('node1', 11), 'name: node2, role: worker, address: 10.77.0.11'),
      /nodes\[1\]\.address: address 10\.77\.0\.11 is already used by nodes\[0\] of node1/,
    ],
    ['a bad label', label('"a b"'), /nodes\[0\]\.labels\.a b: "a b" is not a label key/],
    [
      'an address that is none',
      nodes('name: node1, role: manager, address: 10.77.0.300'),
      /nodes\[0\]\.address: "10\.77\.0\.300" is not an IPv4 or IPv6 address/,
    ],
    ['a name that no host can have', nodes(manager('node_1', 11)), /nodes\[0\]\.name: "node_1" is not a host name/],
    [
      'a lab machine outside of its network',
      nodes('name: node1, role: manager, address: 10.78.0.11'),
      /nodes\[0\]\.address: 10\.78\.0\.11 is not in the lab's network; give it one from 10\.77\.0\.2 to 10\.77\.0\.254$/,
    ],
    [
      'a lab machine at the lab’s own address',
      nodes(manager('node1', 1)),
      /nodes\[0\]\.address: 10\.77\.0\.1 is not in the lab's network/,
    ],
    [
      'a lab machine with a host of its own',
      nodes(manager('node1', 11, ', host: far.lan')),
      /nodes\[0\]\.host: has no meaning for uml machines/,
    ],
    ['a login for lab machines', { ssh: '{ user: me }' }, /ssh\.user: has no meaning for uml machines/],
  ])('%s', (_, changes, line) => {
    const [first = ''] = complain(lab(changes));
    expect(first).toMatch(line);
    expect(first).toMatch(/^Pulumi\.test\.yaml: swarm:environment\./);
  });
});

describe('encrypted values', () => {
  it.each([
    ['{ home: { compose: { secure: v1:abc } } }', 'stacks.home.compose'],
    ['{ home: { secure: v1:abc } }', 'stacks.home'],
  ])('are refused where they would be shown: %s', (stacks, place) => {
    expect(complain(lab({ stacks })).join('\n')).toContain(
      `Pulumi.test.yaml: swarm:environment.${place}: is encrypted, but would be shown: only passwords`,
    );
  });
});
