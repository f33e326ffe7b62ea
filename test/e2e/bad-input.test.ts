/** Previews of an environment that doesn't exist: what would be made, and bad input in one line. Nothing is touched. */
import { devInLab, type EnvironmentConfig } from '../support/e2e-config';
import { Environment, type Outcome } from '../support/environment';
import { lab } from '../support/lab';

const LAB = { LAB: 'preview', LAB_SUBNET: '10.73.0' };
const MINUTE = 60_000;

describe('before anything exists', () => {
  const config: EnvironmentConfig = devInLab('preview', '10.73.0');
  let environment: Environment;
  const succeed = (outcome: Outcome): Outcome => {
    if (!outcome.succeeded) throw new Error(outcome.text);
    return outcome;
  };

  beforeAll(async () => {
    environment = await Environment.create('e2e-preview', config);
  }, MINUTE);
  afterAll(() => {
    environment.forget();
  });

  it(
    'previews what would be made, without a machine to ask',
    async () => {
      const outcome = succeed(await environment.preview());
      expect(outcome.changes.create).toBeGreaterThan(30);
      expect(await lab(['status'], LAB)).not.toContain('node1');
    },
    MINUTE,
  );

  it.each([
    [
      'an even number of managers',
      { nodes: config.nodes.slice(1) },
      /Pulumi\.e2e-preview\.yaml: .*2 managers: an odd number/,
    ],
    [
      'an unknown key',
      { stakcs: {} },
      /Pulumi\.e2e-preview\.yaml: .*stakcs: unknown key \(did you mean "?stacks"?\?\)/,
    ],
    [
      'two nodes with one address',
      { nodes: config.nodes.map((node) => (node.name === 'node5' ? { ...node, address: '10.73.0.14' } : node)) },
      /Pulumi\.e2e-preview\.yaml: .*nodes\[4\]\.address: .*10\.73\.0\.14/,
    ],
    [
      'a bad label',
      { nodes: config.nodes.map((node) => ({ ...node, labels: { 'my zone': 'a' } })) },
      /Pulumi\.e2e-preview\.yaml: .*nodes\[0\]\.labels.*"my zone" is not a label key/,
    ],
    [
      'a missing key file',
      {
        machines: { kind: 'existing' },
        ssh: { privateKeyFile: '/nowhere/key' },
        nodes: config.nodes.map((node) => ({ ...node, hostKey: 'ssh-ed25519 AAAA' })),
      },
      /node1.*\/nowhere\/key/,
    ],
    [
      'a compose file that swarm can’t honour',
      { stacks: { home: { compose: 'test/e2e/refused.compose.yaml' } } },
      /test\/e2e\/refused\.compose\.yaml:5: services\.web\.container_name: /,
    ],
  ])(
    'refuses %s in one line and touches nothing',
    async (_what, change, message) => {
      environment.configure({ ...config, ...change });
      const outcome = await environment.preview();
      environment.configure(config);
      expect(outcome.succeeded).toBe(false);
      expect(outcome.text).toMatch(message);
      expect(outcome.text).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
      expect(await lab(['status'], LAB)).not.toContain('node1');
    },
    MINUTE,
  );
});
