import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Scene } from './engine';

describe('the Engine API where the socket can not be forwarded', () => {
  const scene = new Scene();
  afterEach(() => scene.stop());

  /** Stands in for `docker system dial-stdio`. */
  const DOCKER =
    '#!/bin/sh\nexec node -e "const s = require(\'net\').connect(process.argv[1]); process.stdin.pipe(s).pipe(process.stdout)" "${2#unix://}"\n';
  const SUDO = '#!/bin/sh\nshift 2; exec "$@"\n';

  const install = (name: string, script: string): void => {
    const path = join(scene.engine.folder, name);
    writeFileSync(path, script);
    chmodSync(path, 0o755);
  };
  const version = { 'GET /version': () => ({ Version: '26.1.5' }) };

  it("goes through Docker's command line when sshd forwards nothing", async () => {
    const api = await scene.start(version, { server: { forwarding: false } });
    install('docker', DOCKER);
    expect(await api.version()).toEqual({ Version: '26.1.5' });
  });

  it('goes through sudo when the user is not root', async () => {
    const api = await scene.start(version, { connection: { sudo: true } });
    install('docker', DOCKER);
    install('sudo', SUDO);
    expect(await api.version()).toEqual({ Version: '26.1.5' });
    expect(scene.ssh.commandLines[0]).toMatch(/^sudo -n -- sh -c 'exec docker --host /);
  });

  it('says why that failed', async () => {
    const api = await scene.start(version, { connection: { sudo: true } });
    install('sudo', '#!/bin/sh\necho "sudo: a password is required" >&2; exit 1\n');
    await expect(api.version()).rejects.toThrow(
      /^node1: asking the engine for its version failed: .*sudo: a password is required/,
    );
  });
});
