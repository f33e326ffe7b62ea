import type { ApiInfo } from '../docker/types';

/** A machine that is to be a manager, and what its engine says of itself; without `swarm` it could not be asked. */
export interface Candidate {
  name: string;
  swarm?: ApiInfo['Swarm'];
}

/** What to do to have exactly one swarm. */
export type Formation =
  | { kind: 'adopt'; clusterId: string; managers: string[] }
  | { kind: 'init'; on: string }
  | { kind: 'refuse'; cause: string; cure: string };

/**
 * Decides from every candidate's own word whether a swarm exists already.
 *
 * A manager of one swarm among them settles it, even while others are silent: a silent machine that turns out to belong
 * elsewhere is found when it is asked to join. While nobody is in a swarm, one silent candidate is enough to refuse: it
 * may be the very manager that holds the swarm, and a second swarm beside it is far harder to undo than a wait.
 *
 * @param expected the cluster id known from an earlier run; another swarm is never taken for it.
 */
export function decideFormation(candidates: readonly Candidate[], expected?: string): Formation {
  const clusters = clustersOf(candidates);
  const [first, ...others] = clusters;
  if (first && others.length > 0) return refuseTwoSwarms(clusters);
  if (first) return adopt(first, expected);
  return refuseUnclear(candidates) ?? init(candidates, expected);
}

interface KnownCluster {
  id: string;
  managers: string[];
}

function clustersOf(candidates: readonly Candidate[]): KnownCluster[] {
  const clusters = new Map<string, string[]>();
  for (const { name, swarm } of candidates) {
    const id = swarm?.LocalNodeState === 'active' ? swarm.Cluster?.ID : undefined;
    if (id) clusters.set(id, [...(clusters.get(id) ?? []), name]);
  }
  return [...clusters].map(([id, managers]) => ({ id, managers }));
}

function refuseTwoSwarms(clusters: readonly KnownCluster[]): Formation {
  const list = clusters.map(({ id, managers }) => `${id} (${managers.join(', ')})`).join(' and ');
  const cure = 'decide which swarm stays, then on every machine of the other: docker swarm leave --force';
  return { kind: 'refuse', cause: `the machines belong to different swarms: ${list}`, cure };
}

function adopt(cluster: KnownCluster, expected: string | undefined): Formation {
  if (expected === undefined || expected === cluster.id) {
    return { kind: 'adopt', clusterId: cluster.id, managers: cluster.managers };
  }
  return {
    kind: 'refuse',
    cause: `${cluster.managers.join(', ')} belongs to swarm ${cluster.id}, not to ${expected}`,
    cure: 'restore the swarm that is expected, or remove it from the state (pulumi state delete) to adopt the other',
  };
}

/** The states that are neither in a usable swarm nor clearly outside of any, with what a person can do about each. */
const UNCLEAR = [
  {
    holds: ({ swarm }: Candidate) => swarm === undefined,
    cause: (names: string) => `${names} cannot be asked, and no other manager is in a swarm: it may hold the swarm`,
    cure: 'bring the machine back, or take it out of the environment file',
  },
  {
    holds: ({ swarm }: Candidate) => swarm?.LocalNodeState === 'locked',
    cause: (names: string) => `${names} holds a locked swarm`,
    cure: 'unlock it there: docker swarm unlock',
  },
  {
    holds: ({ swarm }: Candidate) => swarm?.LocalNodeState === 'error',
    cause: (names: string, errors: string) => `${names} holds a swarm that reports an error${errors}`,
    cure: 'mend it there, or give that swarm up: docker swarm leave --force',
  },
  {
    holds: ({ swarm }: Candidate) => swarm?.LocalNodeState === 'pending',
    cause: (names: string) => `${names} is still joining a swarm that no reachable manager knows`,
    cure: 'wait until it has joined, or give up there: docker swarm leave --force',
  },
  {
    holds: ({ swarm }: Candidate) => swarm?.LocalNodeState === 'active' && swarm.ControlAvailable,
    cause: (names: string) => `${names} is manager of a swarm that has no leader`,
    cure: 'bring enough of its managers back, or recover from a survivor: docker swarm init --force-new-cluster',
  },
  {
    holds: ({ swarm }: Candidate) => swarm?.LocalNodeState === 'active',
    cause: (names: string) => `${names} is worker of a swarm of which no manager is declared here`,
    cure: 'declare a manager of that swarm, or leave it there: docker swarm leave',
  },
];

function refuseUnclear(candidates: readonly Candidate[]): Formation | undefined {
  for (const { holds, cause, cure } of UNCLEAR) {
    const found = candidates.filter(holds);
    if (found.length === 0) continue;
    const errors = [...new Set(found.map(({ swarm }) => swarm?.Error).filter(Boolean))].join('; ');
    const names = found.map(({ name }) => name).join(', ');
    return { kind: 'refuse', cause: cause(names, errors ? ` (${errors})` : ''), cure };
  }
  return undefined;
}

function init(candidates: readonly Candidate[], expected: string | undefined): Formation {
  const [first] = candidates;
  if (!first) return { kind: 'refuse', cause: 'no node is a manager', cure: 'make at least one node a manager' };
  if (expected === undefined) return { kind: 'init', on: first.name };
  return {
    kind: 'refuse',
    cause: `swarm ${expected} is gone: none of its managers (${candidates.map(({ name }) => name).join(', ')}) is in a swarm`,
    cure: 'restore a backup of the swarm, or run a refresh (pulumi refresh) so that it is made anew',
  };
}
