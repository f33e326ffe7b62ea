/** What differs between an engine and what is wanted of it, seen without any contact to the machine. */
import { type TurnRank } from '../../core/swarm/turns';
import { deepDiff, hostKeyDiff, ifKnown, isKnown, valueDiff } from '../inputs';
import { type Diff, type Existing, type PreviewInputs } from '../protocol/resource';
import { changedDaemonKeys, DEFAULT_PACKAGES, fitsPin, needsRestart } from './plan';
import { type EngineInputs, type EngineOutputs } from './properties';

type Changes = Diff['changes'];

/** The changes of an engine, drift included. */
export function engineChanges(
  { inputs, outputs }: Existing<EngineInputs, EngineOutputs>,
  news: PreviewInputs<EngineInputs>,
): Changes {
  const { version } = news;
  const drifted = isKnown(version) && !fitsPin(outputs.installedVersion, version);
  return {
    ...valueDiff('name', outputs.name, news.name, { replace: true }),
    ...hostKeyDiff(inputs.connection, news.connection),
    ...deepDiff('packages', outputs.packages, news.packages ?? DEFAULT_PACKAGES),
    ...valueDiff('version', outputs.version, version),
    ...(drifted ? { version: { kind: 'update', input: false } as const } : {}),
    ...daemonChanges(outputs, news),
    // State from before there was this output has none.
    ...((outputs.answers as boolean | undefined) === false ? valueDiff('answers', false, true, { input: false }) : {}),
  };
}

/** The place of an engine in the roll that its changes will need; undefined when they disturb nothing. */
export function expectedRank(
  outputs: EngineOutputs,
  { name, version, daemon, managers }: PreviewInputs<EngineInputs>,
  changes: Changes,
): TurnRank | undefined {
  const restarts = !isKnown(daemon) || needsRestart(daemon, outputs.daemonFile);
  const reinstalls = !isKnown(version) || !fitsPin(outputs.installedVersion, version);
  const disturbs = restarts || reinstalls || 'packages' in changes || 'answers' in changes;
  if (!disturbs || 'name' in changes) return undefined;
  return ifKnown(managers)?.some((manager) => manager.name === name) ? 'manager' : 'worker';
}

function daemonChanges(outputs: EngineOutputs, { daemon }: PreviewInputs<EngineInputs>): Changes {
  if (!isKnown(daemon)) return { daemon: { kind: 'update' } };
  if (daemon === undefined) return {};
  const declared = deepDiff('daemon', outputs.daemon, daemon);
  if (Object.keys(declared).length > 0) return declared;
  const edited = changedDaemonKeys(daemon, outputs.daemonFile);
  return Object.fromEntries(edited.map((key) => [`daemonFile["${key}"]`, { kind: 'update', input: false } as const]));
}
