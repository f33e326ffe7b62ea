/** Commands on another machine, over SSH. */
import { parseHostKey } from '../../core/ssh/host-key';
import { type Connection, type ConnectionPool, type ExecResult, type SshConnection } from '../../core/ssh/connection';
import { StepError } from '../../core/errors';
import { type CheckFailure, type PreviewInputs } from '../../provider/protocol/resource';
import { UNKNOWN } from '../../provider/protocol/values';
import { COMMON_INPUTS, type CommandInputs, type Run, type RunResult, type Shell } from './command';
import { OUTPUT_LIMIT } from './local';

export interface RemoteInputs extends CommandInputs {
  connection: Connection;
}

/** Properties of a connection in the official schema; `sudo` is our own provider's. */
const CONNECTION = [
  ...['host', 'port', 'user', 'password', 'privateKey', 'privateKeyPassword', 'agentSocketPath', 'hostKey'],
  ...['dialErrorLimit', 'perDialTimeout'],
];

/**
 * One connection per machine for the whole run, where the official plugin makes one for each command. `environment` is
 * given to the command whatever the machine's AcceptEnv says.
 */
export class RemoteShell implements Shell<RemoteInputs> {
  readonly token = 'command:remote:Command';
  readonly inputs = [...COMMON_INPUTS, 'connection'];

  constructor(private readonly pool: ConnectionPool) {}

  check({ connection }: PreviewInputs<RemoteInputs>): CheckFailure[] {
    return checkConnection('connection', connection, [...CONNECTION, 'proxy']);
  }

  place({ connection }: RemoteInputs): string {
    return `on ${connection.host}`;
  }

  async run(run: Run<RemoteInputs>): Promise<RunResult> {
    const { inputs, context } = run;
    const connect = (): Promise<SshConnection> =>
      this.pool.get(inputs.connection.host, withAgent(inputs.connection), {
        signal: context.signal,
        onRetry: (message) => {
          context.status(message);
        },
      });
    const { code, signal, stdout, stderr } = await execute(run, connect);
    const failure = code === 0 ? undefined : signal ? `ended by ${signal}` : `exit status ${code}`;
    return { failure, stdout, stderr };
  }
}

/** A machine that was restarted since it was last used needs a new connection; a command that has begun isn't repeated. */
async function execute(run: Run<RemoteInputs>, connect: () => Promise<SshConnection>): Promise<ExecResult> {
  const options = {
    step: 'running a command',
    stdin: run.inputs.stdin,
    env: run.environment,
    signal: run.context.signal,
    timeoutSeconds: Infinity,
    onStdout: run.onStdout,
    onStderr: run.onStderr,
    outputLimit: OUTPUT_LIMIT,
  };
  const machine = await connect();
  try {
    return await machine.exec(run.command, options);
  } catch (error) {
    if (!(error instanceof StepError) || error.kind !== 'unreachable') throw error;
    return (await connect()).exec(run.command, options);
  }
}

function withAgent(connection: Connection): Connection {
  const { agentSocketPath = process.env.SSH_AUTH_SOCK, proxy } = connection;
  return { ...connection, agentSocketPath, ...(proxy && { proxy: withAgent(proxy) }) };
}

function checkConnection(path: string, connection: unknown, names: string[]): CheckFailure[] {
  if (connection === UNKNOWN) return [];
  if (typeof connection !== 'object' || connection === null) {
    return [{ property: path, reason: 'missing: how to reach the machine' }];
  }
  const { host, hostKey, proxy } = connection as Partial<Record<string, unknown>>;
  const failures = Object.keys(connection)
    .filter((name) => !names.includes(name))
    .map((name) => ({ property: `${path}.${name}`, reason: 'there is no such property' }));
  if (host === undefined) failures.push({ property: `${path}.host`, reason: 'missing' });
  if (typeof hostKey === 'string' && !parseHostKey(hostKey)) {
    const reason = 'not a public key as ssh-keyscan prints it, `ssh-ed25519 AAAA…`';
    failures.push({ property: `${path}.hostKey`, reason });
  }
  return proxy === undefined ? failures : [...failures, ...checkConnection(`${path}.proxy`, proxy, CONNECTION)];
}
