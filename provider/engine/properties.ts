/** What an Engine resource is given and what it shows. */
import { type ApiInfo } from '../../core/docker/types';
import { type Connection } from '../../core/ssh/connection';
import { type ManagerEndpoint } from '../access';
import { type Limits } from '../limits';
import { type DaemonConfiguration, type MachineFacts } from './facts';
import { DEFAULT_PACKAGES } from './plan';

export interface EngineInputs {
  /** Name of the machine. */
  name: string;
  connection: Connection;
  /** Debian packages. Default docker.io and docker-cli. */
  packages?: string[];
  /** Pin: a package version, or its beginning. Default: the newest there is when it is installed, then left alone. */
  version?: string;
  /** Content of daemon.json. Default: left alone. */
  daemon?: DaemonConfiguration;
  /** All managers of the environment, for changes to an engine that is a member. Default none. */
  managers?: ManagerEndpoint[];
  /** Longest waits. Used: drain, ready, turn, install and engine. */
  limits?: Partial<Limits>;
}

export interface EngineOutputs {
  name: string;
  packages: string[];
  version?: string;
  daemon?: DaemonConfiguration;
  /** Version of the first package, or the engine's own where it came from elsewhere. */
  installedVersion: string;
  apiVersion: string;
  storageDriver: string;
  architecture: string;
  operatingSystem: string;
  kernelVersion: string;
  /** daemon.json as it is on disk; a string when somebody has made it no JSON. */
  daemonFile?: DaemonConfiguration | string;
  /** Whether the engine answered when it was last looked at; if not, the rest is from before. */
  answers: boolean;
}

/** What an engine says of itself. */
export type EngineAnswer = ApiInfo & { ApiVersion: string };

export function outputsOf(inputs: EngineInputs, facts: MachineFacts, answer: EngineAnswer): EngineOutputs {
  const { name, packages = DEFAULT_PACKAGES, version, daemon } = inputs;
  return {
    ...{ name, packages, version, daemon, apiVersion: answer.ApiVersion },
    installedVersion: packageVersionOf(inputs, facts) ?? answer.ServerVersion,
    storageDriver: answer.Driver,
    architecture: answer.Architecture,
    operatingSystem: answer.OperatingSystem,
    kernelVersion: answer.KernelVersion,
    daemonFile: facts.daemonFile,
    answers: true,
  };
}

/** The outputs of an engine that doesn't answer: what the machine says of it, the rest from before. */
export function silentOutputsOf(inputs: EngineInputs, before: EngineOutputs, facts?: MachineFacts): EngineOutputs {
  if (!facts) return { ...before, answers: false };
  const installedVersion = packageVersionOf(inputs, facts) ?? before.installedVersion;
  return { ...before, installedVersion, daemonFile: facts.daemonFile, answers: false };
}

/** Version of the first package; undefined where Docker came from elsewhere. */
function packageVersionOf({ packages = DEFAULT_PACKAGES }: EngineInputs, facts: MachineFacts): string | undefined {
  return facts.packages[packages[0] ?? ''];
}
