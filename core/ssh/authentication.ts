/** How a machine is convinced to let us in. */
import { type AnyAuthMethod, type AuthHandlerMiddleware, type ParsedKey, utils } from 'ssh2';
import { type Connection, DEFAULT_USER } from './connection';

/** What was tried, and what the machine said it would take; for the message when all of it fails. */
export class Authentication {
  private readonly methods: AnyAuthMethod[];
  private readonly tried: string[] = [];
  private offered: string[] = [];
  private readonly agentSocketPath: string | undefined;
  private agentProblem = '';
  readonly user: string;

  /** @throws CredentialsError when the private key can't be used */
  constructor(connection: Connection) {
    this.user = connection.user ?? DEFAULT_USER;
    this.agentSocketPath = connection.agentSocketPath;
    this.methods = authenticationMethods(connection, this.user);
  }

  /** For ssh2: names the next method each time the machine has refused one. */
  readonly handler: AuthHandlerMiddleware = (methodsLeft: string[] | null, _partialSuccess, next) => {
    if (methodsLeft) this.offered = methodsLeft;
    const method = this.methods.shift();
    if (!method) {
      // ssh2 takes false for "no more"; its type definitions have forgotten that.
      next(false as unknown as AnyAuthMethod);
      return;
    }
    if (method.type !== 'none') this.tried.push(METHOD_NAMES[method.type] ?? method.type);
    next(method);
  };

  /** Notes that the agent could not be asked; another method may still succeed. */
  agentFailed(): void {
    this.agentProblem = `; no agent answers at ${this.agentSocketPath ?? ''}`;
  }

  /** Why the login was refused. */
  describe(): string {
    const tried = this.tried.length > 0 ? `tried: ${this.tried.join(', ')}` : 'no key, agent or password was given';
    const offered = this.offered.length > 0 ? `; the machine accepts: ${this.offered.join(', ')}` : '';
    return `user ${this.user} was refused (${tried}${this.agentProblem}${offered})`;
  }
}

const METHOD_NAMES: Partial<Record<string, string>> = {
  publickey: 'private key',
  agent: 'keys of the agent',
  'keyboard-interactive': 'password as answer to the prompt',
};

/** The private key, or its passphrase, is no good: nothing was sent to the machine. */
export class CredentialsError extends Error {}

function authenticationMethods(connection: Connection, username: string): AnyAuthMethod[] {
  const { privateKey, privateKeyPassword, agentSocketPath, password } = connection;
  const methods: AnyAuthMethod[] = [];
  if (privateKey) {
    methods.push({ type: 'publickey', username, key: usableKey(privateKey, privateKeyPassword) });
  }
  if (agentSocketPath) methods.push({ type: 'agent', username, agent: agentSocketPath });
  if (password) {
    methods.push({ type: 'password', username, password });
    methods.push({
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, answer) => {
        answer(prompts.map(() => password));
      },
    });
  }
  // Without credentials the machine at least says what it would take.
  return methods.length > 0 ? methods : [{ type: 'none', username }];
}

/** The messages of ssh2 about keys never quote the key. */
function usableKey(privateKey: string, passphrase: string | undefined): ParsedKey {
  const parsed: unknown = utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) throw new CredentialsError(parsed.message);
  // A file in OpenSSH's format may hold several keys in theory; ssh-keygen writes one.
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey;
  if (!key.isPrivateKey()) throw new CredentialsError('it is a public key');
  return key;
}
