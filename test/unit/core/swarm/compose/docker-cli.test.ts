import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { parse } from 'yaml';
import { renderDeployable } from '../../../../../core/swarm/compose/render';
import { modelOf, serviceWith } from './read';

/** What docker itself makes of a file on its standard input, variables replaced; it needs no engine for that. */
function dockerReads(compose: string): unknown {
  const { status, stdout, stderr } = spawnSync('docker', ['stack', 'config', '--compose-file', '-'], {
    input: compose,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  });
  if (status !== 0) throw new Error(stderr);
  return parse(stdout);
}

const hasDocker = spawnSync('docker', ['stack', 'config', '--help']).status === 0;
const nothing = { configs: {}, secrets: {} };
const deployable = (text: string): string => renderDeployable(modelOf(text), 'home', nothing, 'key').compose;

/** Every key that is honoured, with nothing that docker would write differently. */
const EVERYTHING = {
  image: 'web:1',
  command: ['run', '--fast'],
  entrypoint: ['/init'],
  environment: { A: '1', B: 'x $y', EMPTY: '' },
  labels: { a: 'b' },
  deploy: {
    mode: 'replicated',
    replicas: 0,
    endpoint_mode: 'vip',
    labels: { team: 'web' },
    placement: {
      constraints: ['node.role == worker'],
      preferences: [{ spread: 'node.labels.zone' }],
      max_replicas_per_node: 2,
    },
    resources: {
      limits: { cpus: '0.5', memory: '52428800', pids: 100 },
      reservations: {
        cpus: '0.25',
        memory: '8388608',
        generic_resources: [{ discrete_resource_spec: { kind: 'gpu', value: 2 } }],
      },
    },
    update_config: {
      parallelism: 0,
      delay: '10s',
      failure_action: 'rollback',
      monitor: '5s',
      max_failure_ratio: 0.5,
      order: 'start-first',
    },
    rollback_config: { parallelism: 1, order: 'stop-first' },
    restart_policy: { condition: 'on-failure', delay: '5s', max_attempts: 3, window: '1m0s' },
  },
  ports: [
    { mode: 'ingress', target: 53, published: 5353, protocol: 'udp' },
    { mode: 'host', target: 80, published: 8080, protocol: 'tcp' },
  ],
  networks: { back: null, front: { aliases: ['www'] } },
  volumes: [
    { type: 'bind', source: '/var/run/docker.sock', target: '/a', read_only: true, bind: { propagation: 'rprivate' } },
    { type: 'volume', source: 'data', target: '/b', volume: { nocopy: true } },
    { type: 'tmpfs', target: '/c', tmpfs: { size: 1024 } },
  ],
  configs: [{ source: 'site', target: '/etc/site', uid: '1', gid: '2', mode: 0o440 }],
  secrets: [{ source: 'key', target: 'key', uid: '0', gid: '0', mode: 0o444 }],
  healthcheck: {
    test: ['CMD', 'true'],
    interval: '10s',
    timeout: '5s',
    retries: 3,
    start_period: '1s',
    start_interval: '2s',
  },
  logging: { driver: 'json-file', options: { 'max-size': '10m' } },
  hostname: 'web',
  user: '1000',
  working_dir: '/srv',
  stop_grace_period: '30s',
  stop_signal: 'SIGINT',
  init: true,
  read_only: true,
  tty: true,
  stdin_open: true,
  dns: ['10.0.0.53'],
  dns_search: ['home.arpa'],
  extra_hosts: ['db:10.0.0.9'],
  cap_add: ['NET_ADMIN'],
  cap_drop: ['ALL'],
  sysctls: { 'net.core.somaxconn': '1024' },
  ulimits: { nofile: { soft: 1024, hard: 2048 } },
};

(hasDocker ? describe : describe.skip)('docker stack config', () => {
  it('reads from what is deployed exactly what the compose file says, for every key that is honoured', () => {
    const rest = {
      networks: {
        back: {
          driver: 'overlay',
          driver_opts: { encrypted: '' },
          internal: true,
          ipam: { config: [{ subnet: '10.9.0.0/24' }] },
        },
        front: { attachable: true, labels: { a: 'b' } },
      },
      volumes: { data: { driver: 'local', driver_opts: { type: 'nfs' }, labels: { a: 'b' } } },
      configs: { site: { external: true, name: 'site' } },
      secrets: { key: { external: true, name: 'key' } },
    };
    const text = JSON.stringify({ services: { web: EVERYTHING }, ...rest }).replaceAll('$', '$$$$');
    expect(dockerReads(deployable(text))).toEqual({
      version: expect.any(String) as string,
      services: { web: EVERYTHING },
      ...rest,
    });
  });

  const commandThrough = (words: string[]): unknown => {
    const text = JSON.stringify({ services: { web: { image: 'x', command: words } } }).replaceAll('$', '$$$$');
    return dockerReads(deployable(text));
  };

  it('gets every text through unharmed', () => {
    const word = fc.string({
      unit: fc.oneof(fc.constantFrom('$', '{', '"', '\\', ':', '#', '😀'), fc.string({ maxLength: 1 })),
    });
    fc.assert(
      fc.property(fc.array(word, { minLength: 50, maxLength: 50 }), (words) => {
        expect(commandThrough(words)).toMatchObject({ services: { web: { command: words } } });
      }),
      { numRuns: 10 },
    );
  });

  it('takes the characters that JSON leaves as they are and YAML does not allow so', () => {
    const words = ['\u007f', '\u0080', '\u0085', '\ufeff', '\ufffe'].map((character) => `a${character}b`);
    expect(commandThrough(words)).toMatchObject({ services: { web: { command: words } } });
  });

  it('splits a command line into the same words', () => {
    const lines = ['a b  c', `sh -c 'x "y" z'`, 'a "b \\" c" d', 'a\\ b', 'x # y', 'a#b', `"" ''`, "a'b'c"];
    for (const line of lines) {
      const docker = dockerReads(`services: {web: {image: x, command: ${JSON.stringify(line)}}}`);
      expect(docker).toMatchObject({
        services: {
          web: { command: modelOf(serviceWith(`command: ${JSON.stringify(line)}`)).services.web?.command },
        },
      });
    }
  });
});
