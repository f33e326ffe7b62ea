/** What a resource of a native Pulumi provider is made of. */
import { type PropertyMap, type PropertyPath, type Unknown } from './values';

/** A type whose every part may be unknown, as in a preview. */
export type WithUnknowns<T> =
  | Unknown
  | (T extends readonly (infer Element)[]
      ? WithUnknowns<Element>[]
      : T extends object
        ? { [Key in keyof T]: WithUnknowns<T[Key]> }
        : T);

/** The inputs of a resource in check, diff and preview: each property may be unknown. */
export type PreviewInputs<Inputs> = { [Key in keyof Inputs]: WithUnknowns<Inputs[Key]> };

/** One rule that the inputs break; shown by the CLI on one line, without a stack trace. */
export interface CheckFailure {
  /** Empty when the reason itself names the place. */
  property: PropertyPath;
  reason: string;
}

export interface CheckContext {
  /** Tells the resources of one run apart. */
  urn: string;
  secretPaths: ReadonlySet<PropertyPath>;
}

export interface CheckResult {
  failures: CheckFailure[];
  /** Inputs worked out from the others, for a diff that says more; they are kept in state like inputs. */
  derived?: PropertyMap;
  /** Whether the derived inputs hold something secret. Default false. */
  derivedSecret?: boolean;
}

/** One difference between what is and what is wanted. */
export interface PropertyChange {
  kind: 'add' | 'update' | 'delete';
  /** The resource has to be replaced for this. Default false. */
  replace?: boolean;
  /** The old value is an input, rather than something found on the machine (drift). Default true. */
  input?: boolean;
}

/** An empty record of changes means: nothing to do. */
export interface Diff {
  changes: Record<PropertyPath, PropertyChange>;
  /** Delete the old one before the new one is created. Default false. */
  deleteBeforeReplace?: boolean;
}

/** What a diff is given besides its properties. */
export interface DiffContext {
  /** Shows a line that stays in the output, in the preview and again in the update. */
  warn(message: string): void;
}

/** What an operation is given besides its properties. */
export interface OperationContext {
  urn: string;
  /** Aborted when the user cancels, or when the resource's custom timeout is over. */
  signal: AbortSignal;
  /** Shows a line on the resource's row while it is worked on; gone when it ends. */
  status(message: string): void;
  /** Shows a line that stays in the output. */
  info(message: string): void;
  warn(message: string): void;
}

export interface Existing<Inputs, Outputs> {
  id: string;
  inputs: Inputs;
  outputs: Outputs;
}

/**
 * A resource type. `check`, `diff` and `preview` decide without any contact to a machine and may meet unknown values;
 * the others are given known values only.
 */
export interface Resource<Inputs, Outputs> {
  /** For example `swarm:index:Node`. */
  readonly token: string;
  /** Rules that the inputs break, so that a preview shows them. */
  check(inputs: PreviewInputs<Inputs>, context: CheckContext): CheckResult;
  /** @throws StepError when there is no way from what is to what is wanted: a preview shows it */
  diff(old: Existing<Inputs, Outputs>, news: PreviewInputs<Inputs>, context: DiffContext): Diff;
  /** The outputs as far as they are known before the deployment. `old` is there when this is an update. */
  preview(news: PreviewInputs<Inputs>, old?: Existing<Inputs, Outputs>): WithUnknowns<Outputs>;
  create(inputs: Inputs, context: OperationContext): Promise<{ id: string; outputs: Outputs }>;
  /**
   * The resource as it is now; undefined when it is gone. `old` has no inputs when it is being imported: the answer then
   * says which of the inputs that it found are secret.
   */
  read(
    old: { id: string; inputs: Partial<Inputs>; outputs: Partial<Outputs> },
    context: OperationContext,
  ): Promise<Found<Inputs, Outputs> | undefined>;
  update(old: Existing<Inputs, Outputs>, inputs: Inputs, context: OperationContext): Promise<Outputs>;
  delete(old: Existing<Inputs, Outputs>, context: OperationContext): Promise<void>;
  /** Outputs to encrypt, given the paths of the inputs that are secret. Default: the outputs at the same paths. */
  secretOutputs?(secretInputs: ReadonlySet<PropertyPath>): ReadonlySet<PropertyPath>;
}

/** The inputs of a resource that is being imported. */
export interface Imported<Inputs> {
  inputs: Inputs;
  secretPaths: ReadonlySet<PropertyPath>;
}

/** What a read has found. */
export interface Found<Inputs, Outputs> {
  id: string;
  inputs: Partial<Inputs>;
  outputs: Outputs;
  /** Of the inputs. Default: those that were secret before. */
  secretPaths?: ReadonlySet<PropertyPath>;
}

/** A resource whose property types have been forgotten, as the server handles it. */
export type AnyResource = Resource<PropertyMap, PropertyMap>;

/** Thrown by create or update when the object exists but isn't as wanted: it is kept in state and mended by the next run. */
export class IncompleteError extends Error {
  constructor(
    readonly id: string,
    readonly outputs: object,
    override readonly cause: Error,
  ) {
    super(cause.message);
    this.name = 'IncompleteError';
  }
}
