/** What is decided about an engine before it is touched. */
import { aptFailure, aptProgress } from '../../../provider/engine/install';
import { parseFacts, preflight, type MachineFacts } from '../../../provider/engine/facts';
import { dockerdComplaint } from '../../../provider/engine/daemon';
import { fitsPin, needsRestart, planEngine } from '../../../provider/engine/plan';

const FACTS = `kernel=6.1.0-43-amd64
architecture=x86_64
user=0
distribution=debian 13
apt=/usr/bin/apt-get
dockerd=
running=
restartDue=
clock=1000
diskFreeMegabytes=3000
cgroups=cgroup2fs
feature.overlay=available
feature.bridge=loaded
feature.br_netfilter=available
feature.veth=available
feature.vxlan=available
feature.ip_vs=available
feature.ip_vs_rr=available
feature.nf_conntrack=builtin
feature.iptable_nat=available
feature.nf_tables=missing
package.docker.io=
package.docker-cli=
daemonFile=
`;
const facts = (changes: Partial<MachineFacts> = {}): MachineFacts => ({ ...parseFacts(FACTS, 1000), ...changes });
const withDocker = (changes: Partial<MachineFacts> = {}): MachineFacts =>
  facts({
    hasDocker: true,
    isRunning: true,
    packages: { 'docker.io': '26.1.5+dfsg1-9', 'docker-cli': '26.1.5+dfsg1-9' },
    ...changes,
  });
const packages = ['docker.io', 'docker-cli'];

describe('the facts of a machine', () => {
  it('tell what is installed and what is not', () => {
    const found = parseFacts(FACTS.replace('package.docker.io=', 'package.docker.io=installed 26.1.5+dfsg1-9'), 1000);
    expect(found.packages).toEqual({ 'docker.io': '26.1.5+dfsg1-9' });
  });

  it('tell what an interrupted installation left half done', () => {
    const half = FACTS.replace('package.docker.io=', 'package.docker.io=half-configured 26.1.5+dfsg1-9').replace(
      'package.docker-cli=',
      'package.docker-cli=config-files 26.1.5+dfsg1-9',
    );
    expect(parseFacts(half, 1000)).toMatchObject({ packages: {}, unfinishedPackages: ['docker.io'] });
  });

  it('tell daemon.json from something that is no JSON', () => {
    const file = (text: string) => FACTS.replace('daemonFile=', `daemonFile=${Buffer.from(text).toString('base64')}`);
    expect(parseFacts(file('{"debug":true}'), 0).daemonFile).toEqual({ debug: true });
    expect(parseFacts(file('{debug'), 0).daemonFile).toBe('{debug');
    expect(facts().daemonFile).toBeUndefined();
  });
});

describe('preflight', () => {
  it('lets a Debian kernel pass', () => {
    expect(preflight(facts(), true)).toEqual([]);
  });

  it('names every missing kernel feature and what it is for', () => {
    const features = { ...facts().features, ip_vs: 'missing', vxlan: 'missing' } as const;
    const [problem, ...others] = preflight(facts({ features }), true);
    expect(others).toEqual([]);
    expect(problem?.cause).toMatch(/6\.1\.0-43-amd64 lacks vxlan \(overlay networks.*\), ip_vs \(the routing mesh/);
  });

  it('is content with either way to translate addresses', () => {
    const features = { ...facts().features, iptable_nat: 'missing', nf_tables: 'builtin' } as const;
    expect(preflight(facts({ features }), true)).toEqual([]);
  });

  it('asks for free space and apt only where something is to be installed', () => {
    const full = facts({ diskFreeMegabytes: 20, hasApt: false });
    expect(preflight(full, true).map(({ cause }) => cause)).toEqual([
      expect.stringContaining('20 MB free'),
      expect.stringContaining('no apt-get'),
    ]);
    expect(preflight(full, false)).toEqual([]);
  });

  it('refuses a clock that is off', () => {
    expect(preflight(facts({ clockAheadSeconds: -120 }), false)[0]?.cause).toBe(
      "its clock is 120 s behind of this computer's",
    );
  });
});

describe('the plan for an engine', () => {
  it('installs Docker where there is none, with daemon.json in place before its first start', () => {
    const plan = planEngine({ packages, daemon: { debug: true } }, facts());
    expect(plan).toEqual({ install: true, daemon: 'write', disruptive: false });
  });

  it('does nothing when all is as wanted', () => {
    const found = withDocker({ daemonFile: { debug: true } });
    const plan = planEngine({ packages, version: '26.1.5', daemon: { debug: true } }, found);
    expect(plan).toEqual({ install: false, daemon: 'keep', disruptive: false });
  });

  it('leaves daemon.json alone when nothing is said about it', () => {
    expect(planEngine({ packages }, withDocker({ daemonFile: { debug: true } })).daemon).toBe('keep');
  });

  it('uses a Docker from another source as it is', () => {
    expect(planEngine({ packages }, facts({ hasDocker: true, packages: {} })).install).toBe(false);
  });

  it('reloads for a key that dockerd takes over while it runs', () => {
    const plan = planEngine({ packages, daemon: { debug: true } }, withDocker());
    expect(plan).toEqual({ install: false, daemon: 'reload', disruptive: false });
  });

  it('restarts for any other key, which disturbs what runs there', () => {
    const plan = planEngine({ packages, daemon: { debug: true, 'data-root': '/srv/docker' } }, withDocker());
    expect(plan).toEqual({ install: false, daemon: 'restart', disruptive: true });
  });

  it('puts right a daemon.json that somebody broke', () => {
    expect(planEngine({ packages, daemon: {} }, withDocker({ daemonFile: '{' })).daemon).toBe('restart');
  });

  it('starts an engine that is down, which disturbs nobody any more', () => {
    const plan = planEngine({ packages }, withDocker({ isRunning: false }));
    expect(plan).toEqual({ install: false, daemon: 'restart', disruptive: false });
  });

  it('restarts an engine that has not taken over what an interrupted run wrote', () => {
    const found = withDocker({ daemonFile: { debug: true }, isRestartDue: true });
    const plan = planEngine({ packages, daemon: { debug: true } }, found);
    expect(plan).toEqual({ install: false, daemon: 'restart', disruptive: true });
  });

  it('finishes an installation that was interrupted', () => {
    const found = withDocker({ packages: {}, unfinishedPackages: ['docker.io'] });
    expect(planEngine({ packages }, found)).toMatchObject({ install: true, disruptive: true });
  });

  it('restarts once for a new version and a new daemon.json: the installation does it', () => {
    const plan = planEngine({ packages, version: '27', daemon: { 'data-root': '/srv/docker' } }, withDocker());
    expect(plan).toEqual({ install: true, daemon: 'write', disruptive: true });
  });

  it('changes the version when the pin asks for another', () => {
    const plan = planEngine({ packages, version: '27' }, withDocker());
    expect(plan).toMatchObject({ install: true, disruptive: true });
  });
});

describe('a changed daemon.json', () => {
  it.each([
    ['a key that dockerd reloads', { debug: true }, {}, false],
    ['a key that keeps its value until a restart when it is taken out', {}, { debug: true }, true],
    ['a key that is reset when it is taken out', {}, { 'max-concurrent-downloads': 5 }, false],
    ['a key that dockerd reads only when it starts', { 'log-driver': 'local' }, {}, true],
    ['one such key among others', { debug: true, mtu: 1400 }, { debug: false, mtu: 1500 }, true],
    ['where images are kept', { features: { 'containerd-snapshotter': true } }, { features: {} }, true],
    ['another feature', { features: { buildkit: true } }, { features: { buildkit: false } }, false],
    ['nothing', { debug: true }, { debug: true }, false],
    ['what is no JSON', {}, '{', true],
  ])('needs a restart or not: %s', (_what, wanted, found, restart) => {
    expect(needsRestart(wanted, found)).toBe(restart);
  });

  it('is refused in dockerd’s words, without the name of a temporary file and without values', () => {
    const unknown =
      "unable to configure the Docker daemon with file /tmp/tmp.x: the following directives don't match any configuration option: nonsense";
    expect(dockerdComplaint(`${unknown}\n`)).toBe(
      "dockerd refuses it: the following directives don't match any configuration option: nonsense",
    );
    const twice =
      'unable to configure the Docker daemon with file /tmp/tmp.x: the following directives are specified both as a flag and in the configuration file: hosts: (from flag: [fd://], from file: [tcp://10.0.0.1])';
    expect(dockerdComplaint(twice)).toMatch(/configuration file: hosts$/);
  });
});

describe('a version pin', () => {
  it.each([
    ['26.1.5+dfsg1-9', '26.1.5', true],
    ['26.1.5+dfsg1-9', '26.1.5+dfsg1-9', true],
    ['26.1.5+dfsg1-9', '26.1', true],
    ['26.1.50-1', '26.1.5', false],
    ['27.0.0', '26', false],
    [undefined, '26', false],
    ['27.0.0', undefined, true],
  ])('%s fits %s: %s', (installed, pin, fits) => {
    expect(fitsPin(installed, pin)).toBe(fits);
  });
});

describe('what apt prints', () => {
  it('becomes progress for somebody who waits', () => {
    expect(aptProgress('Unpacking docker.io (26.1.5+dfsg1-9) ...')).toBe('unpacking docker.io');
    expect(aptProgress('Setting up libc6:amd64 (2.41-12) ...')).toBe('setting up libc6');
    expect(aptProgress('Get:3 file:/srv/packages ./ containerd 1.7.24~ds1-6 [23.4 MB]')).toBe('downloading containerd');
    expect(aptProgress('Reading package lists...')).toBeUndefined();
  });

  it('becomes a cause with its cure', () => {
    const noSpace = aptFailure(
      'Unpacking docker.io',
      'dpkg: error processing archive x.deb: No space left on device\nE: Sub-process returned an error code',
    );
    expect(noSpace.cause).toContain('No space left on device');
    expect(noSpace.cure).toMatch(/free some space/);
    const mounted = aptFailure(
      'Unpacking docker.io',
      "dpkg: error processing archive x.deb (--unpack):\n unable to make backup link of './usr/sbin/dockerd'\nE: Sub-process failed",
    );
    expect(mounted.cause).toContain("unable to make backup link of './usr/sbin/dockerd'");
    expect(aptFailure('', 'no package has version 99; there are: 26.1.5').cure).toMatch(/pin a version/);
  });
});
