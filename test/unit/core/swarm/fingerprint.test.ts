import type { ApiService } from '../../../../core/docker/types';
import { compareFingerprints, fingerprintService } from '../../../../core/swarm/fingerprint';
import { aService } from './builders';

const networks = { n1: 'home_home-net' };

/** A service as the engine answers, with all that swarm fills in. */
function live(change: (spec: ApiService['Spec']) => void = () => undefined): ApiService {
  const service = aService({
    image: 'registry.lab:5000/swarm/httpd:1@sha256:' + 'a'.repeat(64),
    constraints: ['node.role==manager'],
  });
  const spec: ApiService['Spec'] = {
    ...service.Spec,
    Labels: { 'com.docker.stack.namespace': 'home', 'com.docker.stack.image': 'httpd', team: 'web' },
    TaskTemplate: {
      ...service.Spec.TaskTemplate,
      ContainerSpec: {
        Image: service.Spec.TaskTemplate.ContainerSpec?.Image ?? '',
        Args: ['httpd', '-f'],
        Env: ['B=2', 'A=1'],
        Mounts: [{ Type: 'bind', Source: '/var/run/docker.sock', Target: '/var/run/docker.sock', ReadOnly: true }],
        Configs: [{ ConfigID: 'c1', ConfigName: 'home_site-abc', File: { Name: '/etc/site', UID: '0' } }],
      },
      Resources: { Limits: { MemoryBytes: 52_428_800 }, Reservations: {} },
      Networks: [{ Target: 'n1', Aliases: ['httpd'] }],
      ForceUpdate: 0,
    },
    EndpointSpec: {
      Mode: 'vip',
      Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }],
    },
  };
  change(spec);
  return { ...service, Spec: spec };
}

const print = (change?: (spec: ApiService['Spec']) => void) => ({ httpd: fingerprintService(live(change), networks) });
const drift = (change: (spec: ApiService['Spec']) => void) =>
  compareFingerprints(print(), print(change)).map(({ line }) => line);

describe('the fingerprint of a service', () => {
  it('is what its declaration says, in words, without what swarm fills in', () => {
    expect(print().httpd).toEqual({
      image: 'registry.lab:5000/swarm/httpd:1',
      mode: 'replicated',
      replicas: 3,
      command: ['httpd', '-f'],
      env: ['A=1', 'B=2'],
      mounts: ['bind /var/run/docker.sock to /var/run/docker.sock read-only'],
      constraints: ['node.role == manager'],
      networks: ['home_home-net'],
      ports: ['8080:80/tcp ingress'],
      configs: ['home_site-abc at /etc/site'],
      resources: ['limit memory 52428800'],
      labels: ['team=web'],
    });
  });

  it('stays the same when the registry gives another digest, and when lists come in another order', () => {
    expect(
      drift(
        (spec) =>
          (spec.TaskTemplate.ContainerSpec = {
            ...containerOf(spec),
            Image: `registry.lab:5000/swarm/httpd:1@sha256:${'b'.repeat(64)}`,
          }),
      ),
    ).toEqual([]);
    expect(drift((spec) => (spec.TaskTemplate.ContainerSpec = { ...containerOf(spec), Env: ['A=1', 'B=2'] }))).toEqual(
      [],
    );
  });

  it('takes an image that is pinned to a tag with a port in the registry’s name for what it is', () => {
    expect(print((spec) => (spec.TaskTemplate.ContainerSpec = { Image: 'registry.lab:5000/x' })).httpd.image).toBe(
      'registry.lab:5000/x',
    );
  });
});

describe('what was changed by hand', () => {
  it.each<[string, (spec: ApiService['Spec']) => void, string]>([
    ['scaled', (spec) => (spec.Mode = { Replicated: { Replicas: 5 } }), 'httpd.replicas: 5 runs, 3 was deployed'],
    [
      'another image',
      (spec) => (spec.TaskTemplate.ContainerSpec = { ...containerOf(spec), Image: 'evil:1' }),
      'httpd.image: evil:1 runs, registry.lab:5000/swarm/httpd:1 was deployed',
    ],
    [
      'another command',
      (spec) => (spec.TaskTemplate.ContainerSpec = { ...containerOf(spec), Args: ['sh'] }),
      'httpd.command: sh runs, httpd -f was deployed',
    ],
    ['no ports', (spec) => (spec.EndpointSpec = {}), 'httpd.ports: removed 8080:80/tcp ingress'],
    [
      'a mount more',
      (spec) =>
        (spec.TaskTemplate.ContainerSpec = {
          ...containerOf(spec),
          Mounts: [...(containerOf(spec).Mounts ?? []), { Type: 'volume', Source: 'v', Target: '/d' }],
        }),
      'httpd.mounts: added volume v to /d',
    ],
    [
      'a label',
      (spec) => (spec.Labels = { ...spec.Labels, team: 'ops' }),
      'httpd.labels: added team=ops; removed team=web',
    ],
  ])('is told in one line: %s', (_what, change, line) => {
    expect(drift(change)).toEqual([line]);
  });

  it('shows which environment variables differ, never their values', () => {
    const change = (spec: ApiService['Spec']) => {
      spec.TaskTemplate.ContainerSpec = { ...containerOf(spec), Env: ['A=hunter2', 'C=hunter3'] };
    };
    expect(drift(change)).toEqual(['httpd.env: changed A; added C; removed B']);
  });

  it('includes services that came or went', () => {
    expect(compareFingerprints(print(), {})).toEqual([{ path: 'httpd', line: 'httpd: was deployed and is gone' }]);
    expect(compareFingerprints({}, print())).toEqual([{ path: 'httpd', line: 'httpd: runs and was not deployed' }]);
    expect(compareFingerprints(print(), print())).toEqual([]);
  });
});

function containerOf(spec: ApiService['Spec']) {
  const { ContainerSpec } = spec.TaskTemplate;
  if (!ContainerSpec) throw new Error('no container');
  return ContainerSpec;
}
