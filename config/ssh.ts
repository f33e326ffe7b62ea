import * as path from 'node:path';
import type { Connection } from '../core/ssh/connection';
import type { Problem } from '../core/swarm/rules';
import { cacheFolder, expandHome, readText } from './files';
import { findHostKey } from './known-hosts';
import type { EnvironmentFile, JumpHostEntry, Login, NodeEntry } from './schema';

type Ssh = EnvironmentFile['ssh'];

/** The login that a lab machine takes. Its address and host key come with the machine. */
export type LabLogin = Pick<Connection, 'user' | 'privateKey'>;

/**
 * Makes the connections of an environment's nodes, and gathers what stands in the way. Private keys and passwords in them
 * are plain: it is for the caller to keep them secret.
 */
export class Connections {
  private readonly keys = new KeyFiles();
  private readonly hostKeyProblems: Problem[] = [];

  /** @param isPreview whether nothing is going to be done now */
  constructor(
    private readonly ssh: Ssh,
    private readonly isPreview: boolean,
  ) {}

  get problems(): Problem[] {
    return [...this.keys.problems, ...this.hostKeyProblems];
  }

  /**
   * For a machine of the lab, which lets in root by the lab's own key. `make up` makes that; a preview on a computer
   * where there has been none, a reviewer's for instance, does without.
   */
  forLab(name: string): LabLogin {
    const file = path.join(cacheFolder(), 'lab', 'id_ed25519');
    if (this.isPreview && 'failure' in readText(file)) {
      return { user: 'root', privateKey: `to be made: ${file}` };
    }
    return { user: 'root', privateKey: this.keys.read(file, name, 'machines', 'lab/lab prepare') };
  }

  /** For a machine that is there already. */
  forExisting(node: NodeEntry, at: string): Connection {
    const { ssh } = this;
    const jump = node.jumpHost ?? ssh.jumpHost;
    const host = node.host ?? node.address;
    const port = node.port ?? ssh.port ?? 22;
    return {
      host,
      port,
      ...this.login(node, ssh, node.name, at),
      hostKey: node.hostKey ?? this.hostKey(host, port, node.name, at),
      ...((node.sudo ?? ssh.sudo) ? { sudo: true } : {}),
      ...(jump ? { proxy: this.jumpHost(jump, node.jumpHost ? `${at}.jumpHost` : 'ssh.jumpHost') } : {}),
    };
  }

  private jumpHost(jump: JumpHostEntry, at: string): Connection {
    const { host, port = 22 } = jump;
    const hostKey = jump.hostKey ?? this.hostKey(host, port, 'jump host', at);
    return { host, port, ...this.login(jump, this.ssh, `jump host ${host}`, at), hostKey };
  }

  /** A login of its own counts as a whole; what proves who one is isn't mixed from two places. */
  private login(own: Login, shared: Login, name: string, at: string): Omit<Connection, 'host'> {
    const proof = provesIdentity(own) ? own : shared;
    const file = proof.privateKeyFile ?? (provesIdentity(proof) ? undefined : '~/.ssh/id_ed25519');
    const place = `${proof === own ? at : 'ssh'}.privateKeyFile`;
    return withoutUndefined({
      user: own.user ?? shared.user ?? 'root',
      privateKey: file && this.keys.read(file, name, place, `ssh-keygen -t ed25519 -f ${file}`),
      privateKeyPassword: proof.privateKeyPassword,
      password: proof.password,
      agentSocketPath: proof.agentSocketPath && expandHome(proof.agentSocketPath),
    });
  }

  private hostKey(host: string, port: number, name: string, at: string): string | undefined {
    const file = this.ssh.knownHostsFile ?? '~/.ssh/known_hosts';
    const read = readText(expandHome(file));
    const found = 'text' in read ? findHostKey(read.text, host, port) : undefined;
    if (found === undefined) {
      const scan = `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${host} >> ${file}`;
      const message =
        `${name} at ${host} has no host key here and none in ${file}; ` +
        `add it with: ${scan} (compare its fingerprint with the machine's own)`;
      this.hostKeyProblems.push({ path: at, message });
    }
    return found;
  }
}

function provesIdentity(login: Login): boolean {
  return [login.privateKeyFile, login.password, login.agentSocketPath].some((value) => value !== undefined);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

/** Private key files, each read once, and one problem for each that can't be used, with the nodes that want it. */
class KeyFiles {
  private readonly keys = new Map<string, string>();
  private readonly failures = new Map<string, { path: string; names: string[]; what: string }>();

  get problems(): Problem[] {
    return [...this.failures.values()].map(({ path: place, names, what }) => ({
      path: place,
      message: `${names.join(', ')}: ${what}`,
    }));
  }

  read(file: string, name: string, place: string, cure: string): string | undefined {
    const known = this.keys.get(file);
    if (known) return known;
    const failed = this.failures.get(`${place} ${file}`);
    if (failed) failed.names.push(name);
    else this.load(file, name, place, cure);
    return this.keys.get(file);
  }

  private load(file: string, name: string, place: string, cure: string): void {
    const read = readText(expandHome(file));
    if ('text' in read && read.text.includes('PRIVATE KEY')) {
      this.keys.set(file, read.text);
      return;
    }
    const what =
      'text' in read
        ? `private key file ${file}: holds no private key; name the file without .pub`
        : `private key file ${file}: ${read.failure}; make it with: ${cure}`;
    this.failures.set(`${place} ${file}`, { path: place, names: [name], what });
  }
}
