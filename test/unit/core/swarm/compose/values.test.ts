import { problemsOf, serviceWith } from './read';

describe('an image', () => {
  const problems = (image: string) => problemsOf(`services:\n  web: {image: "${image}"}\n`);

  it.each([
    'nginx',
    'nginx:1.27',
    'library/nginx',
    'registry.lab:5000/swarm/httpd:1',
    'localhost/a',
    `a@sha256:${'0'.repeat(64)}`,
  ])('may be %s', (image) => {
    expect(problems(image)).toEqual([]);
  });

  it.each(['Nginx', 'nginx:', 'a b', 'http://a/b', 'a//b', ':1', 'a@sha256:12', '-a'])('may not be %s', (image) => {
    expect(problems(image)).toEqual([`compose.yaml:2: services.web.image: "${image}" is not an image reference`]);
  });
});

describe('a variable', () => {
  it('that is missing is one problem, whatever follows from it', () => {
    expect(problemsOf(serviceWith('deploy: {replicas: "$N"}').replace('web:1', '${IMAGE:?set the image}'))).toEqual([
      'compose.yaml:3: services.web.image: variable IMAGE is needed: set the image',
      'compose.yaml:4: services.web.deploy.replicas: variable N has no value; give it one or write ${N:-default}',
    ]);
  });

  it('can hold a secret, so a problem shows the file’s text and not its value', () => {
    const lines = [
      'deploy: {replicas: $S}',
      'ports: [$S]',
      'stop_grace_period: $S',
      'environment: [$S]',
      'extra_hosts: [$S]',
    ];
    const found = problemsOf(serviceWith(...lines).replace('web:1', '$S'), { S: 'Hunter 2' });
    expect(found).toHaveLength(lines.length + 1);
    expect(found.join('\n')).not.toContain('unter');
  });
});
