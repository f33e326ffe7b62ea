import { Clone } from './clone';

let clone: Clone;
beforeEach(() => {
  clone = new Clone();
  clone.write('Pulumi.dev.yaml', 'config:\n  swarm:environment:\n    machines:\n      kind: uml\n');
  clone.write(
    'Pulumi.odroid.yaml',
    'config:\n  swarm:environment:\n    machines: { kind: existing } # not kind: uml\n',
  );
});
afterEach(() => {
  clone.remove();
});

const check = (environment: string) => clone.bash(`tools/check-computer ${environment}`);

test('on macOS an environment of the lab is refused in one line that names the others', () => {
  clone.program('uname', 'echo Darwin');
  const { status, stderr } = check('dev');
  expect(status).toBe(1);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toContain('this is Darwin');
  expect(stderr).toContain('make up ENV=odroid');
});

test('on macOS an environment of existing machines is accepted', () => {
  clone.program('uname', 'echo Darwin');
  expect(check('odroid').status).toBe(0);
});

test('an environment without a file is refused, and the others are named', () => {
  const { status, stderr } = check('lab');
  expect(status).toBe(1);
  expect(stderr).toContain('Pulumi.lab.yaml');
  expect(stderr).toContain('dev odroid');
});
