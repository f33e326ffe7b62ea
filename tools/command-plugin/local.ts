/** Commands on this computer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type CheckFailure } from '../../provider/protocol/resource';
import { Output } from '../../core/ssh/output';
import { whenAborted } from '../../core/ssh/time-limit';
import { COMMON_INPUTS, type CommandInputs, type Run, type RunResult, type Shell } from './command';

export interface LocalInputs extends CommandInputs {
  /** Default: where Pulumi runs. */
  dir?: string;
  /** Default /bin/sh -c. */
  interpreter?: string[];
}

/** Bytes of each output that are kept. */
export const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** How long a cancelled command may take to clean up before it is killed. */
const GRACE_SECONDS = 5;

export class LocalShell implements Shell<LocalInputs> {
  readonly token = 'command:local:Command';
  readonly inputs = [...COMMON_INPUTS, 'dir', 'interpreter'];

  check(): CheckFailure[] {
    return [];
  }

  place(): string {
    return 'on this computer';
  }

  async run({ command, inputs, environment, onStdout, onStderr, context }: Run<LocalInputs>): Promise<RunResult> {
    const [program = '/bin/sh', ...args] = inputs.interpreter?.length ? inputs.interpreter : ['/bin/sh', '-c'];
    context.signal.throwIfAborted();
    // Else the message would be that the interpreter is missing.
    if (inputs.dir !== undefined && !existsSync(inputs.dir)) throw new Error(`dir: there is no folder ${inputs.dir}`);
    // A process group of its own, so that all it starts can be ended with it.
    const child = spawn(program, [...args, command], {
      cwd: inputs.dir,
      env: { ...process.env, ...environment },
      detached: true,
    });
    const stdout = new Output(OUTPUT_LIMIT, onStdout);
    const stderr = new Output(OUTPUT_LIMIT, onStderr);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.write(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.write(chunk);
    });
    // A command may end without reading what it is given.
    child.stdin.on('error', () => undefined).end(inputs.stdin);
    const failure = await endOf(child, context.signal);
    context.signal.throwIfAborted();
    stdout.end();
    stderr.end();
    return { failure, stdout: stdout.text(), stderr: stderr.text() };
  }
}

/** Waits for the end of the command and its outputs; undefined when it has succeeded. */
function endOf(child: ChildProcess, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let kill: NodeJS.Timeout | undefined;
    const forget = whenAborted(signal, () => {
      endGroup(child, 'SIGTERM');
      kill = setTimeout(() => {
        endGroup(child, 'SIGKILL');
      }, GRACE_SECONDS * 1000);
    });
    child.once('error', reject);
    child.once('close', (code, name) => {
      forget();
      clearTimeout(kill);
      if (code === 0) resolve(undefined);
      else resolve(name ? `signal: ${name}` : `exit status ${code ?? 'unknown'}`);
    });
  });
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // All of it has ended.
  }
}
