import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { ComposeStack, urlsOf, type ComposeStackArgs } from '../../../components/stacks';
import { managerAt } from '../../support/machines';
import { record, secret, UNKNOWN, valueOf } from '../../support/record';

const compose = `
services:
  web:
    image: \${IMAGE}
    configs: [settings]
    secrets: [password, token]
configs:
  settings: { file: settings.conf }
secrets:
  password: { file: password.txt }
  token: {}
`;

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stack-'));
  fs.writeFileSync(path.join(folder, 'compose.yaml'), compose);
  fs.writeFileSync(path.join(folder, 'settings.conf'), 'colour = blue\n');
  fs.writeFileSync(path.join(folder, 'password.txt'), 'hunter2');
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const services = { web: { ports: [{ published: 80, target: 80, protocol: 'tcp', mode: 'ingress' }] } };

function stack(more: Partial<ComposeStackArgs> = {}): ComposeStack {
  return new ComposeStack('home', {
    clusterId: 'the-swarm',
    file: path.join(folder, 'compose.yaml'),
    variables: { IMAGE: 'registry.lab:5000/swarm/httpd:1' },
    secrets: { token: pulumi.secret('abc') },
    managers: [managerAt('node1', '10.0.0.1')],
    endpoints: ['10.0.0.1', '10.0.0.2'],
    ...more,
  });
}

describe('a compose stack', () => {
  it('is deployed as its file says, with the contents of the files beside it', async () => {
    const recording = await record(stack, { outputs: () => ({ services }) });
    const { inputs, parent } = recording.get('Stack home');
    expect(parent).toBe('stacks:ComposeStack home');
    expect(inputs).toEqual({
      clusterId: 'the-swarm',
      name: 'home',
      compose,
      file: path.join(folder, 'compose.yaml'),
      variables: { IMAGE: 'registry.lab:5000/swarm/httpd:1' },
      configs: { settings: 'colour = blue\n' },
      secrets: secret({ password: 'hunter2', token: 'abc' }),
      managers: [expect.objectContaining({ name: 'node1' })],
    });
  });

  it('keeps a secret variable, and only that, out of sight', async () => {
    const variables = { IMAGE: 'httpd:1', PASSWORD: pulumi.secret('hunter2') };
    const recording = await record(() => stack({ variables }), { outputs: () => ({ services }) });
    expect(recording.get('Stack home').inputs.variables).toEqual({ IMAGE: 'httpd:1', PASSWORD: secret('hunter2') });
  });

  it('lists the URLs that answer, and they are no secret', async () => {
    const { result } = await record(stack, { outputs: () => ({ services }) });
    expect(await valueOf(result.endpoints)).toEqual({ web: ['http://10.0.0.1/', 'http://10.0.0.2/'] });
  });

  it('passes on in a preview what is known of it', async () => {
    const recording = await record(() => stack({ clusterId: pulumi.unknown as pulumi.Output<string> }), {
      preview: true,
    });
    expect(recording.get('Stack home').inputs).toMatchObject({
      clusterId: UNKNOWN,
      name: 'home',
      compose,
      configs: { settings: 'colour = blue\n' },
    });
    expect(await valueOf(recording.result.endpoints)).toBe(UNKNOWN);
  });

  it('names a compose file that is not there', async () => {
    await record(() => {
      expect(() => stack({ file: '/nowhere/compose.yaml' })).toThrow(
        /^stack home: compose file: ENOENT: no such file or directory, open '\/nowhere\/compose.yaml'$/,
      );
    });
  });
});

describe('the URLs of services', () => {
  const port = (published: number, more = {}) =>
    ({ published, target: 80, protocol: 'tcp', mode: 'ingress', ...more }) as const;

  it('are one for each port and node, in the order of ports and nodes', () => {
    expect(urlsOf({ web: { ports: [port(8080), port(80)] } }, ['10.0.0.2', '10.0.0.1'])).toEqual({
      web: ['http://10.0.0.2/', 'http://10.0.0.1/', 'http://10.0.0.2:8080/', 'http://10.0.0.1:8080/'],
    });
  });

  it('leave out what a browser on any node’s address would not reach', () => {
    const ports = [port(53, { protocol: 'udp' }), port(9100, { mode: 'host' })];
    expect(urlsOf({ dns: { ports }, worker: { ports: [] } }, ['10.0.0.1'])).toEqual({});
  });

  it('have IPv6 addresses in brackets', () => {
    expect(urlsOf({ web: { ports: [port(80)] } }, ['fd00::1'])).toEqual({ web: ['http://[fd00::1]/'] });
  });
});
