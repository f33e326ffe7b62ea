/** What the project's scripts find and do on a simulated machine. No shell runs. */
import { DOCKER, KERNEL, type SimulatedMachine } from './machine';

export interface ShellResult {
  code: number;
  stdout: string;
  stderr: string;
}

interface Script {
  /** For faults: `exec facts`. */
  name: string;
  matches: (command: string, stdin: string) => boolean;
  run: (machine: SimulatedMachine, stdin: string, command: string) => string;
}

/** How the command line is told apart from its privileges: the user of a simulated machine may do everything. */
export function withoutSudo(command: string): string {
  const asRoot = /^sudo -n -- sh -c '([^]*)'$/.exec(command)?.[1];
  return asRoot?.replaceAll("'\\''", "'") ?? command.replace(/^sudo -n /, '');
}

/** The way to the engine where the socket itself isn't forwarded. */
export function isDialStdio(command: string): boolean {
  return /\bsystem dial-stdio$/.test(command);
}

export function scriptOf(command: string, stdin: string): Script | undefined {
  return SCRIPTS.find(({ matches }) => matches(command, stdin));
}

const READS_SCRIPT = 'sh -c "$(cat)"';

const SCRIPTS: Script[] = [
  {
    name: 'facts',
    matches: (command, stdin) => command === READS_SCRIPT && firstLine(stdin).includes(' FEATURES='),
    run: facts,
  },
  {
    name: 'install',
    matches: (command, stdin) => command === READS_SCRIPT && firstLine(stdin).includes(' VERSION='),
    run: (machine, stdin) => {
      if (firstLine(stdin).includes(' ACTION=download')) return '';
      const pin = / VERSION='([^']*)'/.exec(firstLine(stdin))?.[1];
      machine.installed = pin === undefined || pin === '' ? (machine.installed ?? DOCKER) : pin;
      return 'Setting up docker.io (26.1.5) ...\n';
    },
  },
  {
    name: 'set-up',
    matches: (command) => command === 'bash --norc -s',
    run: (machine, stdin) => {
      machine.hostname = /^MACHINE='([^']*)'/.exec(stdin)?.[1] ?? machine.hostname;
      return '';
    },
  },
  {
    name: 'daemon',
    matches: (command) => /^ACTION=\w+ sh -c /.test(command),
    run: (machine, stdin, command) => {
      if (stdin !== '' && !command.startsWith('ACTION=validate ')) machine.daemonFile = stdin;
      return '';
    },
  },
];

function firstLine(text: string): string {
  return text.slice(0, text.indexOf('\n'));
}

/** The lines of provider/engine/facts.sh. */
function facts({ installed, daemonFile }: SimulatedMachine, stdin: string): string {
  const packages = (/PACKAGES='([^']*)'/.exec(stdin)?.[1] ?? '').split(' ').filter(Boolean);
  const features = firstLine(stdin).includes(' FEATURES=yes') ? FEATURES : [];
  const lines = {
    kernel: KERNEL,
    architecture: 'x86_64',
    user: '0',
    distribution: 'debian 13',
    apt: '/usr/bin/apt-get',
    dockerd: installed === undefined ? '' : '/usr/sbin/dockerd',
    running: installed === undefined ? '' : 'yes',
    restartDue: '',
    clock: String(Math.round(Date.now() / 1000)),
    diskFreeMegabytes: '20000',
    cgroups: 'cgroup2fs',
    ...Object.fromEntries(features.map((feature) => [`feature.${feature}`, 'available'])),
    ...Object.fromEntries(packages.map((name) => [`package.${name}`, installed ? `installed ${installed}` : ''])),
    daemonFile: Buffer.from(daemonFile ?? '').toString('base64'),
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

const FEATURES = [
  ...['overlay', 'bridge', 'br_netfilter', 'veth', 'vxlan', 'ip_vs', 'ip_vs_rr', 'nf_conntrack', 'iptable_nat'],
  'nf_tables',
];
