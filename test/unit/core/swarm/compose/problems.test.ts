import { formatProblem } from '../../../../../core/swarm/compose/source';
import { parseCompose } from '../../../../../core/swarm/compose/parse';
import { SERVICE_KEYS } from '../../../../../core/swarm/compose/support-service';
import { problemsOf, serviceWith } from './read';

describe('a compose file that swarm cannot honour', () => {
  it('is told by file, line, key, cause and cure', () => {
    const { problems } = parseCompose({ text: serviceWith('container_name: web'), file: 'stacks/home/compose.yaml' });
    expect(problems.map(formatProblem)).toEqual([
      'stacks/home/compose.yaml:4: services.web.container_name: swarm names containers itself; remove the key',
    ]);
  });

  it('has all its problems told in one go, in the order of the file', () => {
    const text = serviceWith('privileged: true', 'depends_on: [db]', 'deploy:', '  replicas: many', 'ports: ["80:x"]');
    expect(problemsOf(text)).toEqual([
      'compose.yaml:4: services.web.privileged: swarm cannot run privileged tasks; use cap_add for the capabilities that are needed',
      'compose.yaml:5: services.web.depends_on: swarm starts services in no order, and this project orders none yet; let the service wait and retry',
      'compose.yaml:7: services.web.deploy.replicas: "many" is not a whole number from 0 on',
      'compose.yaml:8: services.web.ports[0]: "80:x" is not a port such as 80, 8080:80 or 53:53/udp',
    ]);
  });

  // What docker/cli 26 itself says it ignores, forbids or has deprecated (cli/compose/types), restart and build apart,
  // which have an equal in swarm.
  it.each([
    ...['cgroupns_mode', 'cgroup_parent', 'devices', 'domainname', 'external_links', 'ipc', 'links', 'mac_address'],
    ...['network_mode', 'pid', 'privileged', 'security_opt', 'shm_size', 'userns_mode', 'container_name', 'expose'],
    ...['extends', 'volume_driver', 'volumes_from', 'cpu_quota', 'cpu_shares', 'cpuset', 'mem_limit', 'memswap_limit'],
    ...['depends_on', 'env_file', 'oom_score_adj', 'profiles', 'pull_policy', 'platform', 'runtime', 'group_add'],
  ])('because of the service key %s is refused', (key) => {
    const [problem, ...others] = problemsOf(serviceWith(`${key}: x`));
    expect(others).toEqual([]);
    expect(problem).toMatch(new RegExp(`^compose.yaml:4: services.web.${key}: .*(;|,|: | instead|use|declare)`));
  });

  it('names the cure with every refused key', () => {
    const refusals = Object.values(SERVICE_KEYS).flatMap((support) =>
      typeof support === 'object' ? [support.refused] : [],
    );
    for (const refusal of refusals)
      expect(refusal).toMatch(/use |reserve |remove |declare |bind |put |set |let |do it |mount |run |images only/);
  });

  it.each([
    ['iamge: x', 'services.web.iamge: unknown key; did you mean image?'],
    ['enviroment: {}', 'services.web.enviroment: unknown key; did you mean environment?'],
    ['command-line: x', 'services.web.command-line: unknown key'],
    ['healthcheck: {intervall: 5s}', 'services.web.healthcheck.intervall: unknown key; did you mean interval?'],
    ['deploy: {replica: 3}', 'services.web.deploy.replica: unknown key; did you mean replicas?'],
    ['constructor: x', 'services.web.constructor: unknown key'],
  ])('because of a mistyped key is told what was meant: %s', (line, message) => {
    expect(problemsOf(serviceWith(line))).toEqual([`compose.yaml:4: ${message}`]);
  });

  it.each([
    ['services:\n  web: {}\n', 'compose.yaml:2: services.web: image is missing'],
    [
      'services:\n  web:\n    build: .\n',
      'compose.yaml:3: services.web.build: swarm builds no images: build and push the image beforehand, and name it with image',
    ],
    ['services:\n  web:\n', 'compose.yaml:2: services.web: a service is a mapping with an image'],
    [
      'services:\n  web.1: {image: x}\n',
      'compose.yaml:2: services.web.1: a name has letters, digits, hyphens and underscores',
    ],
    [
      'name: home\nservices: {web: {image: x}}\n',
      'compose.yaml:1: name: the name of a stack is its key in the environment file; remove the key',
    ],
    ['servces: {}\n', 'compose.yaml:1: servces: unknown key; did you mean services?'],
  ])('because of %j', (text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });

  it.each([
    ['', 'compose.yaml:1: services is missing: a stack needs at least one'],
    ['just text', 'must be a mapping'],
    ['services: [a]', 'services: must be a mapping'],
    ['services: {web: {image: [a]}}', 'services.web.image: must be text'],
    ['a: b: c', 'not valid YAML'],
    ['services:\n\tweb: 1', 'not valid YAML'],
    ['services: {a: {image: x}, a: {image: y}}', 'not valid YAML: Map keys must be unique'],
    ['services: {a: *b}', 'services.a: alias *b has no anchor'],
    ['services: &s\n  web: {image: x, labels: *s}', 'services.web.labels'],
  ])('is told so when it is not even a compose file: %j', (text, message) => {
    expect(problemsOf(text).join('\n')).toContain(message);
  });

  it('cannot make a few lines unfold to billions of values', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const aliases = Array<string>(10).fill(level === 0 ? 'a' : `*x${level - 1}`);
      return `  l${level}: &x${level} [${aliases.join(', ')}]`;
    });
    const started = Date.now();
    expect(problemsOf(['services:', ...levels].join('\n'))).toContain(
      'compose.yaml:1: aliases unfold to more than 100000 values',
    );
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe('what a compose file refers to', () => {
  it.each([
    ['networks: [front]', 'networks: front is not declared under networks'],
    ['volumes: ["data:/data"]', 'volumes: data is not declared under volumes'],
    ['configs: [site]', 'configs: site is not declared under configs'],
    ['secrets: [key]', 'secrets: key is not declared under secrets'],
  ])('has to be declared: %s', (line, message) => {
    expect(problemsOf(serviceWith(line))).toEqual([`compose.yaml:4: services.web.${message}`]);
  });

  it('has no settings when it is external', () => {
    const text = `${serviceWith()}networks: {front: {external: true, driver: overlay}}\n`;
    expect(problemsOf(text)).toEqual([
      'compose.yaml:4: networks.front.driver: does not go with external: it was made elsewhere',
    ]);
  });

  it('is not a secret written into the file', () => {
    const [problem] = problemsOf(`${serviceWith()}secrets: {key: {content: hunter2}}\n`);
    expect(problem).toContain('a compose file is no place for a secret');
    expect(problem).not.toContain('hunter2');
  });
});

describe('a bind mount', () => {
  it.each(['./data:/data', 'data/x:/data', '~/data:/data', '../x:/data'])(
    'from the relative path %s is refused, with why',
    (mount) => {
      const [problem] = problemsOf(`${serviceWith(`volumes: ["${mount}"]`)}volumes: {data/x: {}}\n`);
      expect(problem).toMatch(/relative to a directory that nodes do not have|a name has letters/);
    },
  );

  it.each([
    ['{target: /data, source: v}', 'type is missing: bind, volume or tmpfs'],
    ['{type: volume, source: v}', 'target is missing'],
    ['{type: disk, target: /data}', 'type: "disk" is not one of bind, volume, tmpfs'],
    ['{type: bind, target: /data}', 'a bind mount needs a source'],
    ['{type: tmpfs, target: /data, source: /x}', 'a tmpfs mount has no source; remove it'],
    ['{type: bind, source: /x, target: data}', 'target data is not an absolute path'],
    ['{type: bind, source: /x, target: /data, tmpfs: {size: 64m}}', 'tmpfs: does not go with type bind'],
    [
      '{type: bind, source: /x, target: /data, bind: {selinux: z}}',
      'bind.selinux: swarm relabels nothing; remove the key',
    ],
  ])('or another in the long form is checked: %s', (mount, message) => {
    const found = problemsOf(`${serviceWith(`volumes: [${mount}]`)}volumes: {v: {}}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('in the long form is taken', () => {
    const line = 'volumes: [{type: bind, source: /x, target: /data, bind: {propagation: rslave}}]';
    expect(problemsOf(serviceWith(line))).toEqual([]);
  });

  it('from an absolute path is taken', () => {
    expect(problemsOf(serviceWith('volumes: ["/srv/data:/data:ro"]'))).toEqual([]);
  });
});

describe('combinations that swarm refuses', () => {
  it.each([
    [
      'deploy: {mode: global, replicas: 2}',
      'deploy.replicas: a service of mode global runs once per node; remove the key',
    ],
    ['deploy: {placement: {constraints: [zone == a]}}', 'deploy.placement.constraints[0]: zone is none of node.id'],
    ['deploy: {placement: {constraints: [node.role = manager]}}', 'a constraint has == or != in it'],
    ['ports: ["127.0.0.1:80:80"]', 'ports[0]: swarm publishes on every address of a node; remove 127.0.0.1'],
    ['volumes: ["/a:/x", "/b:/x"]', 'volumes: /x is the target of two mounts'],
    ['volumes: ["/a:/x:z"]', 'volumes[0]: swarm relabels nothing for SELinux'],
    ['restart: sometimes', 'restart: "sometimes" is not one of no, always'],
    ['environment: [TOKEN]', 'environment[0]: TOKEN has no value; write one, or give a variable of that name'],
    ['command: echo "open', 'command: a quote is left open'],
    ['networks: {default: {ipv4_address: 10.0.0.9}}', 'networks.default.ipv4_address: swarm assigns addresses itself'],
    ['stop_grace_period: 10', 'stop_grace_period: 10 is not a duration such as 10s or 1m30s'],
  ])('are told: %s', (line, message) => {
    expect(problemsOf(serviceWith(line)).join('\n')).toContain(message);
  });

  it.each([
    ['deploy: {resources: {limits: {memory: 50}}}', 'deploy.resources.limits.memory: must be at least 4m'],
    [
      'deploy: {resources: {reservations: {cpus: 0.0001}}}',
      'deploy.resources.reservations.cpus: must be at least 0.001',
    ],
    ['healthcheck: {test: "true", interval: 10us}', 'healthcheck.interval: must be at least 1ms'],
    ['ports: ["80:80", "80:8080"]', 'ports: 80/tcp is published twice'],
    ['ulimits: {nofile: {soft: 1}}', 'ulimits.nofile: takes a number, or soft and hard'],
    ['dns: nowhere', 'dns: nowhere is not an address'],
    ['deploy: {mode: replicated-job, update_config: {parallelism: 1}}', 'deploy.update_config: swarm updates no jobs'],
  ])('by its managers, at deployment, are told before: %s', (line, message) => {
    expect(problemsOf(serviceWith(line)).join('\n')).toContain(`services.web.${message}`);
  });

  it('are told for a name that is too long with the name of the stack', () => {
    const text = `services: {${'x'.repeat(60)}: {image: x}}`;
    expect(parseCompose({ text, file: 'f', stack: 'ab' }).problems).toEqual([]);
    const [problem] = parseCompose({ text, file: 'f', stack: 'abc' }).problems;
    expect(problem?.message).toContain('has 64 characters, swarm takes 63; shorten the name');
  });

  it('are told for published ports without the virtual address', () => {
    const text = serviceWith('ports: ["80:80"]', 'deploy: {endpoint_mode: dnsrr}');
    expect(problemsOf(text)).toEqual([
      'compose.yaml:4: services.web.ports: with endpoint_mode dnsrr a port needs mode: host',
    ]);
  });
});
