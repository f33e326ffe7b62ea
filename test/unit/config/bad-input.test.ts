import { EnvironmentError } from '../../../config';
import { makeHome, PRIVATE_KEY, readYaml, removeHome } from '../../support/environment';

let home: string;
beforeAll(() => {
  home = makeHome({
    key: `${PRIVATE_KEY}key`,
    'key.pub': 'ssh-ed25519 AAAA',
    known_hosts: '10.0.0.1 ssh-ed25519 AAAA\n',
    'good.yaml': "services: { web: { image: httpd, ports: ['80:80'] } }",
    'no-files.yaml': 'services: { web: { image: httpd, configs: [c] } }\nconfigs: { c: { file: c.conf } }',
    'built.yaml': 'services:\n  web:\n    image: httpd\n    container_name: web\n',
  });
});
afterAll(() => {
  removeHome(home);
});

/** The lines that are shown for an environment; none when there is nothing wrong with it. */
function complaints(yaml: string): string[] {
  try {
    readYaml(yaml, home);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.message.replaceAll(home, 'HOME').split('\n');
  }
}

const LAB = { machines: '{ kind: uml }', nodes: '[{ name: node1, role: manager, address: 10.77.0.11 }]' };
const BOARDS = {
  machines: '{ kind: existing }',
  ssh: '{ privateKeyFile: HOME/key, knownHostsFile: HOME/known_hosts }',
  nodes: '[{ name: node1, role: manager, address: 10.0.0.1 }]',
};

function environment(base: Record<string, string>, changes: Record<string, string> = {}): string {
  return Object.entries({ ...base, ...changes })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

const lab = (changes: Record<string, string>) => complaints(environment(LAB, changes));
const boards = (changes: Record<string, string>) => complaints(environment(BOARDS, changes));
const nodes = (...entries: string[]) => ({ nodes: `[${entries.map((entry) => `{ ${entry} }`).join(', ')}]` });

const manager = (name: string, last: number, more = '') =>
  `name: ${name}, role: manager, address: 10.77.0.${last}${more}`;

it('has nothing to say about what is right', () => {
  expect([lab({}), boards({})]).toEqual([[], []]);
});

describe('keys and values of the environment file', () => {
  it.each<[string, Record<string, string>, string]>([
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
    [
      'memory with a unit',
      { machines: '{ kind: uml, memory: 768M }' },
      'machines.memory: must be a number, not text',
    ],
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
    expect(lab(changes)).toEqual([`Pulumi.test.yaml: swarm:environment.${line}`]);
  });

  it('are all named at once, each on a line of its own', () => {
    expect(
      lab({ engin: '{}', machines: '{ kind: uml, labb: dev }', ...nodes('name: node1, role: manager, address: 11') }),
    ).toEqual([
      'Pulumi.test.yaml: swarm:environment.machines.labb: unknown key (did you mean "lab"?)',
      'Pulumi.test.yaml: swarm:environment.nodes[0].address: must be text, not a number; put it in quotes',
      'Pulumi.test.yaml: swarm:environment.engin: unknown key (did you mean "engine"?)',
    ]);
  });

  it('are not there at all', () => {
    expect(complaints('')).toEqual(['Pulumi.test.yaml: swarm:environment: must be a mapping, not empty']);
  });

  it('never quote a value, which may be a secret', () => {
    expect(
      boards({
        ssh: '{ password: { hunter2: hunter2 } }',
        stacks: '{ home: { compose: x, secrets: hunter2 } }',
      }).join(),
    ).not.toContain('hunter2');
  });
});

describe('rules that span several keys', () => {
  const label = (key: string) => nodes(manager('node1', 11, `, labels: { ${key}: a }`));

  it.each<[string, Record<string, string>, RegExp]>([
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
    const [first = ''] = lab(changes);
    expect(first).toMatch(line);
    expect(first).toMatch(/^Pulumi\.test\.yaml: swarm:environment\./);
  });
});

describe('files that an environment names', () => {
  it.each<[string, () => string[], string]>([
    [
      'a private key that is not there',
      () => boards({ ssh: '{ privateKeyFile: HOME/no-key, knownHostsFile: HOME/known_hosts }' }),
      'ssh.privateKeyFile: node1: private key file HOME/no-key: no such file; make it with: ssh-keygen -t ed25519 -f HOME/no-key',
    ],
    [
      'a public key in place of a private one',
      () => boards({ ssh: '{ privateKeyFile: HOME/key.pub, knownHostsFile: HOME/known_hosts }' }),
      'ssh.privateKeyFile: node1: private key file HOME/key.pub: holds no private key; name the file without .pub',
    ],
    [
      'a machine without a known host key',
      () => boards(nodes('name: node9, role: manager, address: 10.0.0.9, port: 2222')),
      'nodes[0]: node9 at 10.0.0.9 has no host key here and none in HOME/known_hosts; add it with: ' +
        "ssh-keyscan -p 2222 10.0.0.9 >> HOME/known_hosts (compare its fingerprint with the machine's own)",
    ],
    [
      'a compose file that is not there',
      () => lab({ stacks: '{ home: { compose: HOME/none.yaml } }' }),
      'stacks.home.compose: HOME/none.yaml: no such file',
    ],
    [
      'a config file that is not there',
      () => lab({ stacks: '{ home: { compose: HOME/no-files.yaml } }' }),
      'stacks.home.compose: HOME/no-files.yaml: c: c.conf: no such file',
    ],
    [
      'two services on one port',
      () => lab({ stacks: '{ one: { compose: HOME/good.yaml }, two: { compose: HOME/good.yaml } }' }),
      'stacks.two: two_web publishes port 80/tcp, which one_web has already; give it another',
    ],
  ])('%s', (_, complain, line) => {
    expect(complain()).toEqual([`Pulumi.test.yaml: swarm:environment.${line}`]);
  });

  it('are named once, with every node that wants them', () => {
    const missing = boards({
      ssh: '{ privateKeyFile: HOME/no-key }',
      ...nodes(
        'name: node1, role: manager, address: 10.0.0.1, hostKey: ssh-ed25519 AAAA',
        'name: node2, role: worker, address: 10.0.0.2, hostKey: ssh-ed25519 AAAA',
      ),
    });
    expect(missing).toHaveLength(1);
    expect(missing[0]).toContain('ssh.privateKeyFile: node1, node2: private key file HOME/no-key');
  });

  it('a compose file that swarm cannot honour: file, line and key', () => {
    const [line, ...others] = lab({ stacks: '{ home: { compose: HOME/built.yaml } }' });
    expect(line).toMatch(/^HOME\/built\.yaml:4: services\.web\.container_name: /);
    expect(others).toEqual([]);
  });

  it('a key of the lab that has not been made yet', () => {
    const cache = process.env.SWARM_CACHE;
    process.env.SWARM_CACHE = '/nowhere';
    expect(lab({})).toEqual([
      'Pulumi.test.yaml: swarm:environment.machines: node1: private key file /nowhere/lab/id_ed25519: no such file; make it with: lab/lab prepare',
    ]);
    process.env.SWARM_CACHE = cache;
  });
});

describe('encrypted values', () => {
  it.each([
    ['{ home: { compose: { secure: v1:abc } } }', 'stacks.home.compose'],
    ['{ home: { secure: v1:abc } }', 'stacks.home'],
  ])('are refused where they would be shown: %s', (stacks, place) => {
    expect(lab({ stacks }).join('\n')).toContain(
      `Pulumi.test.yaml: swarm:environment.${place}: is encrypted, but would be shown: only passwords`,
    );
  });
});
