/** What local.Command and remote.Command have in common: when which command runs, and what becomes of its output. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { version } from '@pulumi/command/package.json';
import {
  type CheckFailure,
  type CheckResult,
  type Diff,
  type Existing,
  type OperationContext,
  type PreviewInputs,
  type PropertyChange,
  type Resource,
  type WithUnknowns,
} from '../../provider/protocol/resource';
import { containsUnknown, UNKNOWN } from '../../provider/protocol/values';

/** When stdout and stderr are shown while the command runs. */
export type Logging = 'stdout' | 'stderr' | 'stdoutAndStderr' | 'none';

/** Inputs that both kinds of command have. */
export interface CommandInputs {
  create?: string;
  update?: string;
  delete?: string;
  triggers?: unknown[];
  stdin?: string;
  environment?: Record<string, string>;
  /** Default stdoutAndStderr. */
  logging?: Logging;
  /** Default true. */
  addPreviousOutputInEnv?: boolean;
}

/** The names of these inputs. */
export const COMMON_INPUTS: readonly (keyof CommandInputs)[] = [
  'create',
  'update',
  'delete',
  'triggers',
  'stdin',
  'environment',
  'logging',
  'addPreviousOutputInEnv',
];

export interface CommandOutput {
  stdout: string;
  stderr: string;
}

/** Everything to run a command. */
export interface Run<Inputs> {
  command: string;
  inputs: Inputs;
  /** The environment the command is given in addition to the shell's own. */
  environment: Record<string, string>;
  /** Called with each line to be shown. */
  onStdout?: (line: string) => void;
  onStderr?: (line: string) => void;
  context: OperationContext;
}

export interface RunResult extends CommandOutput {
  /** How the command ended if it failed, such as `exit status 3`. */
  failure?: string;
}

/** Where commands run. */
export interface Shell<Inputs extends CommandInputs> {
  readonly token: string;
  /** The names of the inputs it takes. */
  readonly inputs: readonly string[];
  check(inputs: PreviewInputs<Inputs>): CheckFailure[];
  /** The place, as messages call it. */
  place(inputs: Inputs): string;
  run(run: Run<Inputs>): Promise<RunResult>;
}

type Outputs<Inputs> = Inputs & CommandOutput;

/** How much of a failed command's output is shown. */
const SHOWN_LINES = 20;

const LOGGING: readonly unknown[] = ['stdout', 'stderr', 'stdoutAndStderr', 'none', undefined, UNKNOWN];

/** Said of everything that is left to the official plugin. */
export const NOT_OFFERED =
  `not offered by this project's own plugin "command"; the official one has it: ` +
  `pulumi plugin install resource command ${version}`;

export class CommandResource<Inputs extends CommandInputs> implements Resource<Inputs, Outputs<Inputs>> {
  readonly token: string;

  constructor(private readonly shell: Shell<Inputs>) {
    this.token = shell.token;
  }

  check(inputs: PreviewInputs<Inputs>): CheckResult {
    const strangers = Object.keys(inputs).filter((name) => !this.shell.inputs.includes(name));
    const failures = strangers.map((property) => ({ property, reason: NOT_OFFERED }));
    if (!LOGGING.includes(inputs.logging)) {
      failures.push({ property: 'logging', reason: `must be one of ${LOGGING.slice(0, 4).join(', ')}` });
    }
    return { failures: [...failures, ...this.shell.check(inputs)] };
  }

  diff(old: Existing<Inputs, Outputs<Inputs>>, news: PreviewInputs<Inputs>): Diff {
    const changed = changedInputs(old.inputs, news);
    return { changes: Object.fromEntries(changed.map((name) => [name, changeOf(name, old.inputs, news)])) };
  }

  preview(news: PreviewInputs<Inputs>, old?: Existing<Inputs, Outputs<Inputs>>): WithUnknowns<Outputs<Inputs>> {
    const known = old && changedInputs(old.inputs, news).length === 0;
    const output = known
      ? { stdout: old.outputs.stdout, stderr: old.outputs.stderr }
      : { stdout: UNKNOWN, stderr: UNKNOWN };
    return { ...news, ...output } as WithUnknowns<Outputs<Inputs>>;
  }

  async create(inputs: Inputs, context: OperationContext): Promise<{ id: string; outputs: Outputs<Inputs> }> {
    const id = `${nameOf(context.urn)}${randomBytes(8).toString('hex')}`;
    return { id, outputs: { ...inputs, ...(await this.run('create', inputs.create, inputs, context)) } };
  }

  /** A command leaves nothing behind that could be looked at. */
  read(old: {
    id: string;
    inputs: Partial<Inputs>;
    outputs: Partial<Outputs<Inputs>>;
  }): Promise<{ id: string; inputs: Partial<Inputs>; outputs: Outputs<Inputs> }> {
    return Promise.resolve({ ...old, outputs: old.outputs as Outputs<Inputs> });
  }

  async update(
    old: Existing<Inputs, Outputs<Inputs>>,
    inputs: Inputs,
    context: OperationContext,
  ): Promise<Outputs<Inputs>> {
    const step = inputs.update === undefined ? 'create' : 'update';
    return { ...inputs, ...(await this.run(step, inputs[step], inputs, context, old.outputs)) };
  }

  async delete(old: Existing<Inputs, Outputs<Inputs>>, context: OperationContext): Promise<void> {
    await this.run('delete', old.inputs.delete, old.inputs, context, old.outputs);
  }

  /** The connection is secret as a whole, whatever the program says. */
  secretOutputs(secretInputs: ReadonlySet<string>): ReadonlySet<string> {
    return this.shell.inputs.includes('connection') ? new Set([...secretInputs, 'connection']) : secretInputs;
  }

  /** Without a command nothing runs, and the output stays what it was. */
  private async run(
    step: string,
    command: string | undefined,
    inputs: Inputs,
    context: OperationContext,
    previous: CommandOutput = { stdout: '', stderr: '' },
  ): Promise<CommandOutput> {
    if (command === undefined) return { stdout: previous.stdout, stderr: previous.stderr };
    const { logging = 'stdoutAndStderr' } = inputs;
    const shown: string[] = [];
    const show = (streams: Logging[]) => (line: string) => {
      shown.push(line);
      if (shown.length > SHOWN_LINES) shown.shift();
      if (streams.includes(logging)) context.status(line);
    };
    const result = await this.shell.run({
      command,
      inputs,
      environment: environmentOf(inputs, previous),
      onStdout: show(['stdout', 'stdoutAndStderr']),
      onStderr: show(['stderr', 'stdoutAndStderr']),
      context,
    });
    if (result.failure === undefined)
      return { stdout: withoutLineEnd(result.stdout), stderr: withoutLineEnd(result.stderr) };
    // The official plugin prints the command too. Here it isn't: what scripts hold is long, and may be secret.
    throw new Error(
      [`${result.failure}: running the command "${step}" ${this.shell.place(inputs)}:`, ...shown].join('\n'),
    );
  }
}

function environmentOf(inputs: CommandInputs, previous: CommandOutput): Record<string, string> {
  const environment = { ...inputs.environment };
  if (inputs.addPreviousOutputInEnv === false) return environment;
  if (previous.stdout) environment.PULUMI_COMMAND_STDOUT = previous.stdout;
  if (previous.stderr) environment.PULUMI_COMMAND_STDERR = previous.stderr;
  return environment;
}

function changedInputs(old: object, news: object): string[] {
  const [before, after] = [
    new Map<string, unknown>(Object.entries(old)),
    new Map<string, unknown>(Object.entries(news)),
  ];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.filter(
    (name) => containsUnknown(after.get(name)) || !isDeepStrictEqual(before.get(name), after.get(name)),
  );
}

function changeOf(name: string, old: object, news: object): PropertyChange {
  const kind = !(name in old) ? 'add' : name in news ? 'update' : 'delete';
  return { kind, replace: name === 'triggers' };
}

function nameOf(urn: string): string {
  return urn.split('::').slice(3).join('::');
}

function withoutLineEnd(text: string): string {
  return text.replace(/\n$/, '');
}
