/** What a refresh makes of an engine whose machine is down. */
import { Access } from '../../../provider/access';
import { EngineResource } from '../../../provider/engine';
import { type EngineInputs, type EngineOutputs } from '../../../provider/engine/properties';
import { PreflightResource } from '../../../provider/preflight';

const inputs: EngineInputs = {
  name: 'node1',
  // Nothing listens there.
  connection: { host: '127.0.0.1', port: 1, hostKey: 'ssh-ed25519 AAAA', password: 'the password' },
  version: '26.1.5',
};
const outputs: EngineOutputs = {
  ...{ name: 'node1', packages: ['docker.io', 'docker-cli'], version: '26.1.5', installedVersion: '26.1.5+dfsg1-9' },
  ...{ apiVersion: '1.45', storageDriver: 'overlay2', architecture: 'x86_64', operatingSystem: 'Debian' },
  ...{ kernelVersion: '6.1.0', daemonFile: { debug: true }, answers: true },
};

describe('the refresh of a machine that does not answer', () => {
  const access = new Access();
  afterAll(() => access.close());
  const warnings: string[] = [];
  const context = {
    urn: 'urn',
    signal: new AbortController().signal,
    status: () => undefined,
    info: () => undefined,
    warn: (line: string) => void warnings.push(line),
  };

  it('keeps what is known of its engine, warns, and leaves the next preview something to mend', async () => {
    const engine = new EngineResource(access);
    const found = await engine.read({ id: 'node1', inputs, outputs }, context);
    expect(found).toEqual({ id: 'node1', inputs, outputs: { ...outputs, answers: false } });
    expect(warnings).toEqual([expect.stringMatching(/^node1: connecting .* failed: .*127\.0\.0\.1:1/)]);
    const { changes } = engine.diff({ id: 'node1', inputs, outputs: found?.outputs ?? outputs }, inputs);
    expect(changes).toEqual({ answers: { kind: 'update', input: false } });
  });

  it('keeps what the first contact has shown', async () => {
    const preflight = { name: 'node1', kernelVersion: '6.1.0', architecture: 'x86_64', distribution: 'debian 13' };
    const found = await new PreflightResource(access).read({ id: 'node1', inputs, outputs: preflight }, context);
    expect(found).toEqual({ id: 'node1', inputs, outputs: preflight });
  });
});
