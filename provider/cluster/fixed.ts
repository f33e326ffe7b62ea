/** The settings that a swarm is given when it is made and keeps for ever: another value means another swarm. */
import { isDeepStrictEqual } from 'node:util';
import { StepError } from '../../core/errors';
import { type ApiSwarm } from '../../core/docker/types';
import { isKnown, valueDiff } from '../inputs';
import { type PropertyChange, type PreviewInputs } from '../protocol/resource';
import { UNKNOWN } from '../protocol/values';
import { type ClusterInputs, type FixedSettings } from './properties';

const FIXED = ['defaultAddressPools', 'subnetSize', 'dataPathPort'] as const;

/** What Docker takes for what isn't said. Source: Docker documentation, `docker swarm init`. */
const DEFAULTS: FixedSettings = { defaultAddressPools: ['10.0.0.0/8'], subnetSize: 24, dataPathPort: 4789 };

const CONSEQUENCE = 'every node leaves and joins anew, and every service ends; data in volumes stays';

/** Those that a running swarm has. */
export function fixedOf({ DefaultAddrPool: pools, SubnetSize, DataPathPort }: ApiSwarm): FixedSettings {
  return {
    defaultAddressPools: pools && pools.length > 0 ? pools : DEFAULTS.defaultAddressPools,
    subnetSize: SubnetSize ?? DEFAULTS.subnetSize,
    dataPathPort: DataPathPort ?? DEFAULTS.dataPathPort,
  };
}

/** As far as they are known before the deployment: a swarm that is yet to be adopted may have any. */
export function previewFixed(news: PreviewInputs<ClusterInputs>, old?: FixedSettings): PreviewInputs<FixedSettings> {
  return {
    defaultAddressPools: news.defaultAddressPools ?? old?.defaultAddressPools ?? UNKNOWN,
    subnetSize: news.subnetSize ?? old?.subnetSize ?? UNKNOWN,
    dataPathPort: news.dataPathPort ?? old?.dataPathPort ?? UNKNOWN,
  };
}

/** Settings whose wanted value the swarm hasn't. What isn't said is as the swarm has it. */
export function fixedChanges(
  found: FixedSettings,
  wanted: PreviewInputs<ClusterInputs>,
): Record<string, PropertyChange> {
  const said = FIXED.filter((key) => wanted[key] !== undefined && isKnown(wanted[key]));
  return Object.assign({}, ...said.map((key) => valueDiff(key, found[key], wanted[key], { replace: true }))) as Record<
    string,
    PropertyChange
  >;
}

/** What a change of these settings means, for a warning. */
export function rebuildWarning(keys: string[]): string {
  return `another ${keys.join(' and ')} rebuilds the swarm: ${CONSEQUENCE}`;
}

export function refuseRebuild(cluster: string, keys: string[]): StepError {
  return new StepError({
    machine: cluster,
    step: `changing ${keys.join(' and ')} of the swarm`,
    cause: `that rebuilds it: ${CONSEQUENCE}`,
    cure: 'put the old value back, or allow it with `protect: false` under `cluster`',
  });
}

/** Refuses to take a swarm over that can't ever become what is wanted. @throws StepError */
export function assertAdoptable(cluster: string, swarm: ApiSwarm, wanted: ClusterInputs): void {
  const found = fixedOf(swarm);
  const differing = FIXED.filter((key) => wanted[key] !== undefined && !isDeepStrictEqual(found[key], wanted[key]));
  if (differing.length === 0) return;
  const list = differing.map((key) => `${key} ${String(found[key])} instead of ${String(wanted[key])}`).join(', ');
  throw new StepError({
    machine: cluster,
    step: 'adopting the swarm',
    cause: `the swarm ${swarm.ID} that is there has ${list}, and keeps it for ever`,
    cure: `take ${differing.join(' and ')} out of the environment file to adopt the swarm as it is`,
  });
}
