/** An environment made for a test: a configuration file and a state of its own, acted on by the real Pulumi engine. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { LocalWorkspace, type EngineEvent, type ImportResource, type Stack } from '@pulumi/pulumi/automation';
import { parse, stringify } from 'yaml';
import { projectRoot } from './plugin';

/** How an operation ended. */
export interface Outcome {
  succeeded: boolean;
  /** All that Pulumi printed, standard error included. */
  text: string;
  /** How many resources had which operation: `{ same: 30, update: 1 }`. */
  changes: Record<string, number>;
  /** `update Node node4` for each resource with any operation but `same`. */
  operations: string[];
  /** The same, in the order in which they were done. */
  done: string[];
}

export interface RunOptions {
  /** Sends SIGINT, as Ctrl-C does, when an event answers true. */
  interruptWhen?: (event: EngineEvent) => boolean;
  refresh?: boolean;
  /** Pulumi's own log along with its output, as with `--logtostderr -v=9`. */
  verbosity?: number;
}

/** A line of the engine's diagnostics or of a resource's status, if the event is one. */
export function messageIn(event: EngineEvent): string {
  return event.diagnosticEvent?.message ?? '';
}

export class Environment {
  private constructor(
    readonly name: string,
    private readonly stack: Stack,
    private readonly stateFolder: string,
  ) {}

  /** @param config what stands under `swarm:environment` */
  static async create(name: string, config: object): Promise<Environment> {
    const stateFolder = mkdtempSync(path.join(tmpdir(), `${name}-`));
    writeConfiguration(name, config);
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, workDir: projectRoot },
      { envVars: { PULUMI_BACKEND_URL: `file://${stateFolder}`, PULUMI_CONFIG_PASSPHRASE: 'of a test' } },
    );
    return new Environment(name, stack, stateFolder);
  }

  /** Writes the environment file anew. */
  configure(config: object): void {
    writeConfiguration(this.name, config);
  }

  /** As `make up` does it. */
  async up(options: RunOptions = {}): Promise<Outcome> {
    return this.run(
      'up',
      (shared) => this.stack.up({ ...shared, ...logOf(options), continueOnError: true, refresh: options.refresh }),
      options,
    );
  }

  async preview(options: RunOptions = {}): Promise<Outcome> {
    return this.run('preview', (shared) => this.stack.preview({ ...shared, refresh: options.refresh }), options);
  }

  /** Takes over what exists by its id, as `pulumi import` does. */
  async import(resources: ImportResource[]): Promise<Outcome> {
    const options = { resources, generateCode: false, protect: false };
    return this.run('import', (shared) => this.stack.import({ ...options, onOutput: shared.onOutput }));
  }

  async destroy(): Promise<Outcome> {
    return this.run('destroy', (shared) => this.stack.destroy(shared));
  }

  async outputs<Shape>(): Promise<Shape> {
    const outputs = Object.entries(await this.stack.outputs());
    return Object.fromEntries(outputs.map(([key, { value }]) => [key, value as unknown])) as Shape;
  }

  /** All that Pulumi has written down of the environment, its history included. */
  stateFiles(): string {
    const files = readdirSync(this.stateFolder, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    return files.map(({ parentPath, name }) => readFileSync(path.join(parentPath, name), 'utf8')).join('\n');
  }

  /** Forgets state and configuration; what exists in the world is not touched. */
  forget(): void {
    rmSync(this.stateFolder, { recursive: true, force: true });
    rmSync(configurationFile(this.name), { force: true });
  }

  private async run(
    operation: string,
    operate: (shared: {
      onOutput: (text: string) => void;
      onEvent: (event: EngineEvent) => void;
      onError: (text: string) => void;
      signal: AbortSignal;
      color: 'never';
    }) => Promise<unknown>,
    { interruptWhen }: RunOptions = {},
  ): Promise<Outcome> {
    const interrupt = new AbortController();
    const outcome: Outcome = { succeeded: true, text: '', changes: {}, operations: [], done: [] };
    const onEvent = (event: EngineEvent): void => {
      if (!interrupt.signal.aborted && interruptWhen?.(event)) interrupt.abort();
      record(event, outcome);
    };
    const onOutput = (text: string): void => {
      outcome.text += text;
      if (process.env.E2E_VERBOSE) process.stderr.write(text);
    };
    const begin = Date.now();
    try {
      await operate({ onOutput, onError: onOutput, onEvent, signal: interrupt.signal, color: 'never' });
    } catch (error) {
      outcome.succeeded = false;
      outcome.text += String(error);
    }
    // Jest says nothing until a whole file is done, and these take minutes.
    const end = outcome.succeeded ? 'done' : 'failed, as some tests want';
    process.stderr.write(
      `  ${this.name}: pulumi ${operation} ${end} after ${Math.round((Date.now() - begin) / 1000)} s\n`,
    );
    return outcome;
  }
}

function logOf({ verbosity }: RunOptions): { logVerbosity?: number; logToStdErr?: boolean } {
  return verbosity === undefined ? {} : { logVerbosity: verbosity, logToStdErr: true };
}

function record(event: EngineEvent, outcome: Outcome): void {
  note(event.resourcePreEvent?.metadata, outcome.operations);
  note(event.resOutputsEvent?.metadata, outcome.done);
  if (event.summaryEvent) outcome.changes = event.summaryEvent.resourceChanges;
}

/** The outcome of an operation that has to succeed. @throws Error with all that Pulumi printed */
export function succeed(outcome: Outcome): Outcome {
  if (!outcome.succeeded) throw new Error(outcome.text);
  return outcome;
}

function note(metadata: { op: string; urn: string } | undefined, list: string[]): void {
  if (!metadata || metadata.op === 'same') return;
  const [type, name] = metadata.urn.split('::').slice(2);
  list.push(`${metadata.op} ${type?.split(/[$:]/).pop() ?? ''} ${name ?? ''}`);
}

function configurationFile(name: string): string {
  return path.join(projectRoot, `Pulumi.${name}.yaml`);
}

/** Keeps the salt that Pulumi writes there, without which the secrets in the state can't be read. */
function writeConfiguration(name: string, config: object): void {
  const file = configurationFile(name);
  const written = existsSync(file) ? (parse(readFileSync(file, 'utf8')) as object) : {};
  writeFileSync(file, stringify({ ...written, config: { 'swarm:environment': config } }));
}
