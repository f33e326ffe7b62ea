import { boards, complaints, lab, nodes } from '../../support/complaints';
import { makeHome, PRIVATE_KEY, removeHome } from '../../support/environment-file';

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

const complain = (yaml: string): string[] => complaints(yaml, home);

describe('files that an environment names', () => {
  it.each<[string, string, string]>([
    [
      'a private key that is not there',
      boards({ ssh: '{ privateKeyFile: HOME/no-key, knownHostsFile: HOME/known_hosts }' }),
      'ssh.privateKeyFile: node1: private key file HOME/no-key: no such file; make it with: ssh-keygen -t ed25519 -f HOME/no-key',
    ],
    [
      'a public key in place of a private one',
      boards({ ssh: '{ privateKeyFile: HOME/key.pub, knownHostsFile: HOME/known_hosts }' }),
      'ssh.privateKeyFile: node1: private key file HOME/key.pub: holds no private key; name the file without .pub',
    ],
    [
      'a machine without a known host key',
      boards(nodes('name: node9, role: manager, address: 10.0.0.9, port: 2222')),
      'nodes[0]: node9 at 10.0.0.9 has no host key here and none in HOME/known_hosts; add it with: ' +
        "ssh-keyscan -p 2222 10.0.0.9 >> HOME/known_hosts (compare its fingerprint with the machine's own)",
    ],
    [
      'a compose file that is not there',
      lab({ stacks: '{ home: { compose: HOME/none.yaml } }' }),
      'stacks.home.compose: HOME/none.yaml: no such file',
    ],
    [
      'a config file that is not there',
      lab({ stacks: '{ home: { compose: HOME/no-files.yaml } }' }),
      'stacks.home.compose: HOME/no-files.yaml: c: c.conf: no such file',
    ],
    [
      'two services on one port',
      lab({ stacks: '{ one: { compose: HOME/good.yaml }, two: { compose: HOME/good.yaml } }' }),
      'stacks.two: two_web publishes port 80/tcp, which one_web has already; give it another',
    ],
  ])('%s', (_, yaml, line) => {
    expect(complain(yaml)).toEqual([`Pulumi.test.yaml: swarm:environment.${line}`]);
  });

  it('are named once, with every node that wants them', () => {
    const missing = complain(
      boards({
        ssh: '{ privateKeyFile: HOME/no-key }',
        ...nodes(
          'name: node1, role: manager, address: 10.0.0.1, hostKey: ssh-ed25519 AAAA',
          'name: node2, role: worker, address: 10.0.0.2, hostKey: ssh-ed25519 AAAA',
        ),
      }),
    );
    expect(missing).toHaveLength(1);
    expect(missing[0]).toContain('ssh.privateKeyFile: node1, node2: private key file HOME/no-key');
  });

  it('a compose file that swarm cannot honour: file, line and key', () => {
    const [line, ...others] = complain(lab({ stacks: '{ home: { compose: HOME/built.yaml } }' }));
    expect(line).toMatch(/^HOME\/built\.yaml:4: services\.web\.container_name: /);
    expect(others).toEqual([]);
  });

  it('a key of the lab that has not been made yet', () => {
    const cache = process.env.SWARM_CACHE;
    process.env.SWARM_CACHE = '/nowhere';
    expect(complain(lab())).toEqual([
      'Pulumi.test.yaml: swarm:environment.machines: node1: private key file /nowhere/lab/id_ed25519: no such file; make it with: lab/lab prepare',
    ]);
    process.env.SWARM_CACHE = cache;
  });
});
