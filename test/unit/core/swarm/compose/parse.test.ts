import fc from 'fast-check';
import { modelOf, serviceOf, serviceWith } from './read';

describe('a compose file becomes a model', () => {
  it('with every default written out', () => {
    expect(modelOf('services: {web: {image: web:1}}')).toEqual({
      services: {
        web: {
          image: 'web:1',
          environment: {},
          labels: {},
          deploy: {
            mode: 'replicated',
            replicas: 1,
            endpoint_mode: 'vip',
            labels: {},
            placement: { constraints: [], preferences: [] },
            resources: { limits: {}, reservations: {} },
          },
          ports: [],
          networks: { default: { aliases: [] } },
          volumes: [],
          configs: [],
          secrets: [],
          dns: [],
          dns_search: [],
          extra_hosts: [],
          cap_add: [],
          cap_drop: [],
          sysctls: {},
          ulimits: {},
        },
      },
      networks: { default: { external: false, driver_opts: {}, attachable: false, internal: false, labels: {} } },
      volumes: {},
      configs: {},
      secrets: {},
    });
  });

  it('with variables replaced, in quoted and plain text and where a number is wanted', () => {
    const text = 'services: {web: {image: "web:${TAG}", hostname: $NAME, deploy: {replicas: "${N:-3}"}}}';
    const { web } = modelOf(text, { TAG: '7', NAME: 'w' }).services;
    expect(web).toMatchObject({ image: 'web:7', hostname: 'w', deploy: { replicas: 3 } });
  });

  it('with anchors and merge keys followed: own keys win, and earlier merges over later ones', () => {
    const { services } = modelOf(
      [
        'x-base: &base {image: "base:1", user: base, hostname: base}',
        'x-more: &more {user: more, working_dir: /more}',
        'services:',
        '  web: {<<: [*base, *more], image: "web:1"}',
        '  api: {<<: *base, environment: &env {A: "1"}}',
        '  job: {image: "job:1", environment: {<<: *env, B: "2"}}',
      ].join('\n'),
    );
    expect(services.web).toMatchObject({ image: 'web:1', user: 'base', hostname: 'base', working_dir: '/more' });
    expect(services.job?.environment).toEqual({ A: '1', B: '2' });
  });

  it('without what begins with x-, and without the obsolete version', () => {
    const model = modelOf('version: "3.8"\nx-a: $NOT_A_VARIABLE\nservices: {web: {image: a, x-note: {any: thing}}}\n');
    expect(Object.keys(model.services.web ?? {})).not.toContain('x-note');
  });

  it('the same, whatever the order of lists that have none and of keys', () => {
    const lines = [
      ['ports', ['"80:80"', '"443:443"', '53:53/udp']],
      ['networks', ['front', 'back']],
      ['volumes', ['data:/data', '/etc/ssl:/ssl:ro', '/cache']],
      ['configs', ['site', 'motd']],
      ['secrets', ['key', 'cert']],
      ['environment', ['A=1', 'B=2', 'C=3']],
      ['cap_add', ['NET_ADMIN', 'SYS_TIME']],
      ['extra_hosts', ['a:10.0.0.1', 'b:10.0.0.2']],
    ] as const;
    const rest =
      'networks: {back: {}, front: {}}\nvolumes: {data: {}}\nconfigs: {site: {}, motd: {}}\nsecrets: {key: {}, cert: {}}\n';
    const render = (shuffled: readonly (readonly [string, readonly string[]])[]) =>
      modelOf(serviceWith(...shuffled.map(([key, items]) => `${key}: [${items.join(', ')}]`)) + rest);
    const expected = JSON.stringify(render(lines));
    const orders = fc.tuple(fc.shuffledSubarray([...lines], { minLength: lines.length }), fc.infiniteStream(fc.nat()));
    fc.assert(
      fc.property(orders, ([order, numbers]) => {
        const shuffled = order.map(
          ([key, items]) => [key, [...items].sort(() => (numbers.next().value ?? 0) - 1_000_000_000)] as const,
        );
        expect(JSON.stringify(render(shuffled))).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('short forms are written out', () => {
  it.each([
    ['"80"', [{ target: 80, protocol: 'tcp', mode: 'ingress' }]],
    ['8080:80', [{ target: 80, published: 8080, protocol: 'tcp', mode: 'ingress' }]],
    ['"53:53/udp"', [{ target: 53, published: 53, protocol: 'udp', mode: 'ingress' }]],
    ['"0.0.0.0:80:80"', [{ target: 80, published: 80, protocol: 'tcp', mode: 'ingress' }]],
    [
      '"8000-8001:80-81"',
      [
        { target: 80, published: 8000, protocol: 'tcp', mode: 'ingress' },
        { target: 81, published: 8001, protocol: 'tcp', mode: 'ingress' },
      ],
    ],
    ['{target: 80, published: "8080", mode: host}', [{ target: 80, published: 8080, protocol: 'tcp', mode: 'host' }]],
  ])('port %s', (port, expected) => {
    expect(serviceOf(`ports: [${port}]`).ports).toEqual(expected);
  });

  it.each([
    ['/srv:/data:ro', { type: 'bind', source: '/srv', target: '/data', read_only: true }],
    [
      '/srv:/data:rshared',
      { type: 'bind', source: '/srv', target: '/data', read_only: false, bind: { propagation: 'rshared' } },
    ],
    ['v:/data/', { type: 'volume', source: 'v', target: '/data', read_only: false }],
    ['v:/data:nocopy', { type: 'volume', source: 'v', target: '/data', read_only: false, volume: { nocopy: true } }],
    ['/data', { type: 'volume', target: '/data', read_only: false }],
  ])('volume %s', (volume, expected) => {
    const text = `${serviceWith(`volumes: ["${volume}"]`)}volumes: {v: {}}\n`;
    expect(modelOf(text).services.web?.volumes).toEqual([expected]);
  });

  it('tmpfs, which docker stack deploy would leave out', () => {
    expect(serviceOf('tmpfs: [/run, "/tmp:size=64m"]').volumes).toEqual([
      { type: 'tmpfs', target: '/run', read_only: false },
      { type: 'tmpfs', target: '/tmp', read_only: false, tmpfs: { size: 67_108_864 } },
    ]);
  });

  it.each([
    ['no', { condition: 'none' }],
    ['"no"', { condition: 'none' }],
    ['always', { condition: 'any' }],
    ['unless-stopped', { condition: 'any' }],
    ['on-failure', { condition: 'on-failure' }],
    ['on-failure:5', { condition: 'on-failure', max_attempts: 5 }],
  ])('restart: %s, of which docker stack deploy would get no wrong', (restart, expected) => {
    expect(serviceOf(`restart: ${restart}`).deploy.restart_policy).toEqual(expected);
  });

  it.each([
    ['echo "a b" c', ['echo', 'a b', 'c']],
    [`sh -c 'echo "$$HOME"'`, ['sh', '-c', 'echo "$HOME"']],
    ['a\\ b # comment', ['a b']],
    ['""', ['']],
    ['a#b', ['a#b']],
  ])('command %s', (command, words) => {
    expect(serviceOf(`command: ${JSON.stringify(command)}`).command).toEqual(words);
  });

  it('environment as a mapping or a list, with numbers and flags as text and names taken from the variables', () => {
    const mapping = serviceOf('environment: {B: 2, A: "1", C: true, D: , E: 1.5}'.replace(' D: ,', ''));
    expect(mapping.environment).toEqual({ A: '1', B: '2', C: 'true', E: '1.5' });
    const list = modelOf(serviceWith('environment: [B=2, "A=x=y", TOKEN, EMPTY=]'), { TOKEN: 't' });
    expect(Object.entries(list.services.web?.environment ?? {})).toEqual([
      ['A', 'x=y'],
      ['B', '2'],
      ['EMPTY', ''],
      ['TOKEN', 't'],
    ]);
  });

  it('configs and secrets, with octal modes', () => {
    const { web } = modelOf(
      serviceWith(
        'configs: [a, {source: b, target: /etc/b, mode: 0440, uid: 5}]',
        'secrets: [{source: s, mode: "0400"}]',
      ) + 'configs: {a: {file: ./a}, b: {content: text}}\nsecrets: {s: {file: ./s}}\n',
    ).services;
    expect(web?.configs).toEqual([
      { source: 'a', target: 'a', uid: '0', gid: '0', mode: 0o444 },
      { source: 'b', target: '/etc/b', uid: '5', gid: '0', mode: 0o440 },
    ]);
    expect(web?.secrets).toEqual([{ source: 's', target: 's', uid: '0', gid: '0', mode: 0o400 }]);
  });

  it('a health check given as one line', () => {
    expect(serviceOf('healthcheck: {test: curl -f localhost, interval: 90s, retries: 3}').healthcheck).toEqual({
      test: ['CMD-SHELL', 'curl -f localhost'],
      interval: '1m30s',
      retries: 3,
    });
    expect(serviceOf('healthcheck: {test: [NONE]}').healthcheck).toEqual({ disable: true });
  });

  it.each([
    ['1500ms', '1s500ms'],
    ['90s', '1m30s'],
    ['1.5h', '1h30m'],
    ['0s', '0s'],
    ['1h0m0s', '1h'],
  ])('duration %s is %s', (written, canonical) => {
    expect(serviceOf(`stop_grace_period: ${written}`).stop_grace_period).toBe(canonical);
  });

  it.each([
    ['50M', 52_428_800],
    ['1.5g', 1_610_612_736],
    ['8192 KiB', 8_388_608],
    ['4194304', 4_194_304],
    ['5000000b', 5_000_000],
  ])('size %s is %i bytes', (written, bytes) => {
    expect(serviceOf(`deploy: {resources: {limits: {memory: ${written}}}}`).deploy.resources.limits.memory).toBe(bytes);
  });

  it('constraints with one blank on both sides of the operator', () => {
    const { placement } = serviceOf(
      'deploy: {placement: {constraints: ["node.role==manager", "node.labels.zone  !=  a"]}}',
    ).deploy;
    expect(placement.constraints).toEqual(['node.labels.zone != a', 'node.role == manager']);
  });
});
