/** What a Cluster resource decides without touching anything. */
import { type SwarmRotation } from '../../core/docker/engine-api';
import { type ClusterSettings } from '../../core/swarm/cluster-settings';
import { type ManagerEndpoint } from '../access';
import { ifKnown, isKnown } from '../inputs';
import { type Diff, type Existing, type PreviewInputs, type WithUnknowns } from '../protocol/resource';
import { UNKNOWN, type PropertyMap, type Unknown } from '../protocol/values';
import { type ClusterInputs, type ClusterOutputs } from './properties';

/** Where an input stands that rules look at. */
export const SETTING_PATHS: Record<keyof ClusterSettings, string> = {
  autolock: 'spec.autolock',
  taskHistoryLimit: 'spec.taskHistoryLimit',
  heartbeatPeriodSeconds: 'spec.heartbeatPeriodSeconds',
  certificateExpiryHours: 'spec.certificateExpiryHours',
  snapshotInterval: 'spec.snapshotInterval',
  rotateUnlockKey: 'rotateUnlockKey',
  defaultAddressPools: 'defaultAddressPools',
  subnetSize: 'subnetSize',
  dataPathPort: 'dataPathPort',
};

/** The settings that rules can look at already. */
export function knownSettings(inputs: PreviewInputs<ClusterInputs>): ClusterSettings {
  const spec = inputs.spec === UNKNOWN ? {} : inputs.spec;
  return {
    autolock: inputs.spec === UNKNOWN ? undefined : ifKnown(spec?.autolock ?? false),
    taskHistoryLimit: ifKnown(spec?.taskHistoryLimit),
    heartbeatPeriodSeconds: ifKnown(spec?.heartbeatPeriodSeconds),
    certificateExpiryHours: ifKnown(spec?.certificateExpiryHours),
    snapshotInterval: ifKnown(spec?.snapshotInterval),
    rotateUnlockKey: ifKnown(inputs.rotateUnlockKey),
    defaultAddressPools: ifKnown(inputs.defaultAddressPools),
    subnetSize: ifKnown(inputs.subnetSize),
    dataPathPort: ifKnown(inputs.dataPathPort),
  };
}

/** The advertise address of each manager by name: what a diff of them is to show, and no more. */
export function addressesOf(managers: WithUnknowns<ManagerEndpoint[]>): PropertyMap | Unknown {
  if (managers === UNKNOWN) return UNKNOWN;
  const addresses: PropertyMap = {};
  for (const manager of managers) {
    if (manager === UNKNOWN || !isKnown(manager.name)) return UNKNOWN;
    addresses[manager.name] = manager.address;
  }
  return addresses;
}

/** Managers that were found locked are what an update mends. */
export function locksDiff({ locked = [] }: ClusterOutputs): Diff['changes'] {
  return locked.length > 0 ? { locked: { kind: 'delete', input: false } } : {};
}

/** What is to be made anew because its setting has changed; undefined when nothing is. */
export function rotationOf(old: ClusterOutputs, wanted: ClusterInputs): SwarmRotation | undefined {
  const changed = (key: 'rotateJoinTokens' | 'rotateUnlockKey'): boolean =>
    wanted[key] !== undefined && wanted[key] !== old[key];
  const rotation = {
    joinTokens: changed('rotateJoinTokens'),
    // Autolock that is being turned on brings a new key by itself.
    unlockKey: changed('rotateUnlockKey') && old.spec.autolock,
  };
  return rotation.joinTokens || rotation.unlockKey ? rotation : undefined;
}

/** All managers that a swarm may be found through, those that are wanted first. */
export function everyManager(
  { managers }: Pick<ClusterInputs, 'managers'>,
  { formerManagers = [] }: Pick<Partial<ClusterOutputs>, 'formerManagers'>,
): ManagerEndpoint[] {
  return [...managers, ...formerManagers.filter(({ name }) => !managers.some((manager) => manager.name === name))];
}

/** Managers to keep in mind: all of before, where it isn't sure that any of the wanted ones is in the swarm. */
export function replacedManagers(
  { inputs, outputs }: Existing<ClusterInputs, ClusterOutputs>,
  wanted: readonly ManagerEndpoint[],
): ManagerEndpoint[] | undefined {
  const isWanted = ({ name }: ManagerEndpoint): boolean => wanted.some((manager) => manager.name === name);
  if (!outputs.formerManagers && inputs.managers.some(isWanted)) return undefined;
  const gone = everyManager(inputs, outputs).filter((manager) => !isWanted(manager));
  return gone.length > 0 ? gone : undefined;
}
