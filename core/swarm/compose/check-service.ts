import { isIP } from 'node:net';
import type { Cursor } from './cursor';
import { isImageReference } from './image';
import type { ServiceModel } from './model';
import { parseDuration } from './units';

/** The least swarm takes (swarmkit controlapi): less was most likely meant in another unit. */
const LEAST_MEMORY = 4 * 1024 * 1024;
const LEAST_CPUS = 0.001;
const LEAST_HEALTHCHECK = 1_000_000n;

/** Reports what swarm's managers would refuse at deployment (swarmkit controlapi), so that a preview tells it. */
export function checkService(at: Cursor, service: ServiceModel): void {
  if (service.image !== '' && !isImageReference(service.image))
    at.at('image').report(`${at.at('image').quoted} is not an image reference`);
  checkPorts(at.at('ports'), service);
  checkTargets(at.at('configs'), service.configs);
  checkTargets(at.at('secrets'), service.secrets);
  checkResources(at.at('deploy').at('resources'), service);
  checkHealthcheck(at.at('healthcheck'), service);
  const update = at.at('deploy').at('update_config');
  if (service.deploy.mode.endsWith('-job') && update.present) update.report('swarm updates no jobs; remove the key');
  for (const address of service.dns) if (isIP(address) === 0) at.at('dns').report(`${address} is not an address`);
}

/** The routing mesh needs the virtual address that dnsrr does without. */
function checkPorts(at: Cursor, { ports, deploy }: ServiceModel): void {
  const ingress = ports.some((port) => port.mode === 'ingress');
  if (deploy.endpoint_mode === 'dnsrr' && ingress) at.report('with endpoint_mode dnsrr a port needs mode: host');
  const seen = new Set<string>();
  for (const { published, protocol } of ports) {
    const port = `${published ?? ''}/${protocol}`;
    if (published !== undefined && seen.has(port)) at.report(`${port} is published twice`);
    seen.add(port);
  }
}

function checkTargets(at: Cursor, files: readonly { target: string }[]): void {
  const seen = new Set<string>();
  for (const { target } of files) {
    if (seen.has(target)) at.report(`${target} is the target of two of them`);
    seen.add(target);
  }
}

function checkResources(at: Cursor, { deploy: { resources } }: ServiceModel): void {
  for (const kind of ['limits', 'reservations'] as const) {
    const { cpus, memory } = resources[kind];
    if (memory !== undefined && memory !== 0 && memory < LEAST_MEMORY)
      at.at(kind).at('memory').report('must be at least 4m');
    if (cpus !== undefined && cpus !== '0' && Number(cpus) < LEAST_CPUS)
      at.at(kind).at('cpus').report('must be at least 0.001');
  }
}

function checkHealthcheck(at: Cursor, { healthcheck }: ServiceModel): void {
  for (const key of ['interval', 'timeout', 'start_period', 'start_interval'] as const) {
    const duration = parseDuration(healthcheck?.[key] ?? '0s') ?? 0n;
    if (duration !== 0n && duration < LEAST_HEALTHCHECK) at.at(key).report('must be at least 1ms');
  }
}
