/** `swarm:index:Preflight`: the first contact with a machine, and the proof that it can carry a node. Changes nothing. */
import { isConnectionFailure } from '../core/errors';
import { type Connection } from '../core/ssh/connection';
import { type Access } from './access';
import { assertPreflight, collectFacts, type MachineFacts } from './engine/facts';
import { DEFAULT_PACKAGES } from './engine/plan';
import { assertNotImported, connectionFailures, hostKeyDiff, LOOK_PATIENCE, valueDiff } from './inputs';
import {
  type CheckResult,
  type Diff,
  type Existing,
  type OperationContext,
  type PreviewInputs,
  type Resource,
  type WithUnknowns,
} from './protocol/resource';
import { UNKNOWN } from './protocol/values';

export interface PreflightInputs {
  /** Name of the machine. */
  name: string;
  connection: Connection;
}

export interface PreflightOutputs {
  name: string;
  kernelVersion: string;
  architecture: string;
  /** `debian 13`. */
  distribution: string;
}

/** A machine that was looked at and found fit; its id is the machine's name. */
export class PreflightResource implements Resource<PreflightInputs, PreflightOutputs> {
  readonly token = 'swarm:index:Preflight';

  constructor(private readonly access: Access) {}

  check({ connection }: PreviewInputs<PreflightInputs>): CheckResult {
    return { failures: connectionFailures(connection, 'connection') };
  }

  diff({ inputs, outputs }: Existing<PreflightInputs, PreflightOutputs>, news: PreviewInputs<PreflightInputs>): Diff {
    return {
      changes: {
        ...valueDiff('name', outputs.name, news.name, { replace: true }),
        ...hostKeyDiff(inputs.connection, news.connection),
      },
    };
  }

  preview(
    news: PreviewInputs<PreflightInputs>,
    old?: Existing<PreflightInputs, PreflightOutputs>,
  ): WithUnknowns<PreflightOutputs> {
    const { name } = news;
    const isOther = old !== undefined && Object.keys(hostKeyDiff(old.inputs.connection, news.connection)).length > 0;
    if (old && !isOther) return old.outputs;
    return { name, kernelVersion: UNKNOWN, architecture: UNKNOWN, distribution: UNKNOWN };
  }

  async create(inputs: PreflightInputs, context: OperationContext): Promise<{ id: string; outputs: PreflightOutputs }> {
    context.status(`connecting to ${inputs.connection.host}`);
    const facts = await this.look(inputs, context);
    assertPreflight(inputs.name, facts, !facts.hasDocker);
    this.access.fitKernels.add(inputs.name);
    return { id: inputs.name, outputs: outputsOf(inputs, facts) };
  }

  /** A machine that doesn't answer now has been found fit before; that it is silent, its engine and node show. */
  async read(
    old: { id: string; inputs: Partial<PreflightInputs>; outputs: Partial<PreflightOutputs> },
    context: OperationContext,
  ): Promise<{ id: string; inputs: Partial<PreflightInputs>; outputs: PreflightOutputs }> {
    const { inputs } = old;
    assertNotImported(this.token, inputs);
    const patient = { ...inputs, connection: { ...inputs.connection, ...LOOK_PATIENCE } };
    try {
      return { ...old, outputs: outputsOf(inputs, await this.look(patient, context)) };
    } catch (error) {
      if (context.signal.aborted || !isConnectionFailure(error)) throw error;
      return { ...old, outputs: old.outputs as PreflightOutputs };
    }
  }

  async update(
    _old: Existing<PreflightInputs, PreflightOutputs>,
    inputs: PreflightInputs,
    context: OperationContext,
  ): Promise<PreflightOutputs> {
    return (await this.create(inputs, context)).outputs;
  }

  async delete(): Promise<void> {
    return Promise.resolve();
  }

  private async look(inputs: PreflightInputs, context: OperationContext): Promise<MachineFacts> {
    const ssh = await this.access.ssh(inputs, context);
    return collectFacts(ssh, DEFAULT_PACKAGES, context.signal, true);
  }
}

function outputsOf({ name }: PreflightInputs, facts: MachineFacts): PreflightOutputs {
  const { kernel: kernelVersion, architecture, distribution } = facts;
  return { name, kernelVersion, architecture, distribution };
}
