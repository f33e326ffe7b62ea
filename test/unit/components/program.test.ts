/** The whole program, from an environment file to registrations, for the environments that come with the project. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type * as pulumi from '@pulumi/pulumi';
import { parse } from 'yaml';
import { makeHome, PRIVATE_KEY, removeHome } from '../../support/environment-file';
import { labOutputs } from '../../support/machines';
import { record, Secret, UNKNOWN, valueOf, type Recording, type RecordOptions } from '../../support/record';

interface Outputs {
  nodes: unknown;
  managers: unknown;
  endpoints: unknown;
  dockerHost: unknown;
}

// Loading the program anew takes most of the time.
jest.setTimeout(60_000);

let home: string;
const HOME = process.env.HOME;
beforeAll(() => {
  const boards = [0, 1, 2, 3, 4].map((board) => `192.168.1.10${board} ssh-ed25519 AAAA${board}\n`);
  home = makeHome({ '.ssh/id_ed25519': `${PRIVATE_KEY}mine`, '.ssh/known_hosts': boards.join('') });
  process.env.HOME = home;
});
afterAll(() => {
  process.env.HOME = HOME;
  removeHome(home);
});

type Value = Record<string, unknown> & { nodes: { name: string }[] };

function environmentFile(environment: string): Value {
  const text = fs.readFileSync(path.join(__dirname, `../../../Pulumi.${environment}.yaml`), 'utf8');
  return (parse(text) as { config: { 'swarm:environment': Value } }).config['swarm:environment'];
}

// The program is loaded anew for every run. Pulumi's runtime, which holds the mocks, has to stay the same one, and
// others would take long to load.
const pulumiOfTest = jest.requireActual<typeof pulumi>('@pulumi/pulumi');
const shared = ['@pulumi/command', 'yaml', 'zod'].map((name) => [name, jest.requireActual<object>(name)] as const);

function runProgram(): Outputs {
  let outputs: unknown;
  jest.isolateModules(() => {
    jest.doMock('@pulumi/pulumi', () => pulumiOfTest);
    for (const [name, module] of shared) jest.doMock(name, () => module);
    outputs = jest.requireActual('../../../index');
  });
  return outputs as Outputs;
}

function run(environment: string, value: unknown, options: RecordOptions = {}): Promise<Recording<Outputs>> {
  const config = { 'swarm:environment': JSON.stringify(value) };
  return record(runProgram, { environment, config, ...options });
}

const deployed: RecordOptions['outputs'] = ({ name }) => ({
  ...labOutputs(),
  clusterId: 'the-swarm',
  nodeId: `id-of-${name}`,
  services: { httpd: { ports: [{ published: 80, target: 80, protocol: 'tcp', mode: 'ingress' }] } },
});

describe('the environment dev', () => {
  const dev = environmentFile('dev');

  it('has five machines, three managers among them, and the stack home', async () => {
    const recording = await run('dev', dev, { outputs: deployed });
    const nodes = [1, 2, 3, 4, 5].map((number) => recording.get(`Node node${number}`).inputs.role);
    expect(nodes).toEqual(['manager', 'manager', 'manager', 'worker', 'worker']);
    expect(recording.get('Cluster dev').dependsOn).toEqual(
      expect.arrayContaining(['Engine node1', 'Engine node2', 'Engine node3']),
    );
    expect(recording.get('Stack home').inputs).toMatchObject({ name: 'home', clusterId: 'the-swarm' });
    expect(recording.get('local:Command node1-ports').inputs.environment).toMatchObject({
      MACHINE_PORTS: '22 80 8080',
    });
  });

  it('deploys stacks once every node has joined, and removes them before any node leaves', async () => {
    const recording = await run('dev', dev, { outputs: deployed });
    const joined = [1, 2, 3, 4, 5].map((number) => `Node node${number}`);
    expect(recording.get('Stack home').dependsOn).toEqual(expect.arrayContaining(joined));
  });

  it('tells people and tools what is where', async () => {
    const { nodes, managers, endpoints, dockerHost } = (await run('dev', dev, { outputs: deployed })).result;
    const listed = (await valueOf(nodes)) as object[];
    expect(listed).toHaveLength(5);
    expect(listed[0]).toEqual({
      name: 'node1',
      role: 'manager',
      address: '10.77.0.11',
      nodeId: 'id-of-node1',
      labels: { zone: 'a' },
    });
    expect(await valueOf(managers)).toEqual(['10.77.0.11', '10.77.0.12', '10.77.0.13']);
    const urls = [11, 12, 13, 14, 15].map((last) => `http://127.77.0.${last}/`);
    expect(await valueOf(endpoints)).toEqual({ home: { httpd: urls } });
    expect(await valueOf(dockerHost)).toBe('ssh://root@127.77.0.11');
  });

  it('has no private key in plain sight', async () => {
    const { registrations } = await run('dev', dev, { outputs: deployed });
    expect(shown(registrations)).toContain('10.77.0.11');
    expect(shown(registrations)).not.toContain('PRIVATE KEY');
  });

  it('shows in a preview every resource there will be', async () => {
    const preview = await run('dev', dev, { preview: true });
    expect(preview.ids).toEqual((await run('dev', dev, { outputs: deployed })).ids);
    const { managers, dockerHost, nodes } = preview.result;
    expect([await valueOf(managers), await valueOf(dockerHost)]).not.toContain(UNKNOWN);
    expect(nodes).toMatchObject([1, 2, 3, 4, 5].map((number) => ({ name: `node${number}` })));
  });

  it('is the same when its nodes are listed in another order', async () => {
    const reordered = { ...dev, nodes: [...dev.nodes].reverse() };
    const [before, after] = [
      await run('dev', dev, { outputs: deployed }),
      await run('dev', reordered, { outputs: deployed }),
    ];
    expect(byId(after)).toEqual(byId(before));
  });

  it('changes nothing about its other nodes when a worker is added in the middle', async () => {
    const added = { name: 'node2b', role: 'worker', address: '10.77.0.20' };
    const more = { ...dev, nodes: [...dev.nodes.slice(0, 2), added, ...dev.nodes.slice(2)] };
    const [before, after] = [
      await run('dev', dev, { outputs: deployed }),
      await run('dev', more, { outputs: deployed }),
    ];
    const kept = byId(after).filter(({ id }) => !id.includes('node2b'));
    expect(kept.map(({ id, inputs }) => [id, inputs])).toEqual(byId(before).map(({ id, inputs }) => [id, inputs]));
  });
});

describe('the environment odroid', () => {
  const odroid = environmentFile('odroid');

  it('makes a swarm of five boards with one manager, and makes or removes no board', async () => {
    const recording = await run('odroid', odroid, { outputs: deployed });
    expect(recording.ids.filter((id) => id.startsWith('local:Command'))).toEqual([]);
    expect(recording.ids.filter((id) => id.startsWith('Node'))).toHaveLength(5);
    expect(recording.get('Node c2-swarm-00').inputs).toMatchObject({ role: 'manager', address: '192.168.1.100' });
    expect(recording.get('Engine c2-swarm-04').inputs.connection).toMatchObject({
      host: '192.168.1.104',
      hostKey: 'ssh-ed25519 AAAA4',
    });
    expect(recording.get('Engine c2-swarm-00').inputs.packages).toEqual(['docker.io']);
  });
});

describe('an environment that cannot be used', () => {
  it('stops the program before anything is registered, in one line without a stack trace', async () => {
    const dev = environmentFile('dev');
    const even = { ...dev, nodes: dev.nodes.slice(0, 2) };
    const failure: unknown = await run('dev', even).catch((error: unknown) => error);
    expect(pulumiOfTest.RunError.isInstance(failure)).toBe(true);
    expect((failure as Error).message).toMatch(/^Pulumi\.dev\.yaml: swarm:environment\.nodes: 2 managers: [^\n]*$/);
  });

  it('has a key that is not the one that is read', async () => {
    const program = record(() => runProgram(), { environment: 'dev', config: { 'swarm:enviroment': '{}' } });
    await expect(program).rejects.toThrow(
      'Pulumi.dev.yaml: swarm:enviroment: unknown key (the only one is swarm:environment)',
    );
  });

  it('has no settings at all', async () => {
    const program = record(() => runProgram(), { environment: 'elsewhere' });
    await expect(program).rejects.toThrow('Pulumi.elsewhere.yaml: swarm:environment: missing');
  });

  it('has text where settings should be', async () => {
    const program = record(() => runProgram(), { environment: 'dev', config: { 'swarm:environment': 'five nodes' } });
    await expect(program).rejects.toThrow('Pulumi.dev.yaml: swarm:environment: must be a mapping, not text');
  });
});

/** Everything that is registered without being secret, as text. */
function shown(registrations: Recording<unknown>['registrations']): string {
  return JSON.stringify(registrations, (_, value: unknown) => (value instanceof Secret ? '[secret]' : value));
}

function byId({ registrations }: Recording<unknown>): Recording<unknown>['registrations'][number][] {
  return [...registrations].sort((one, other) => (one.id < other.id ? -1 : 1));
}
