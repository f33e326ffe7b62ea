import { isIP } from 'node:net';
import { compact, type Cursor } from './cursor';
import type { PortModel } from './model';
import { PORT_KEYS } from './support';

const HIGHEST_PORT = 65_535;
const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;

/** Published ports in the long form, one entry per port, sorted; ranges of the short form are unfolded. */
export function readPorts(ports: Cursor): PortModel[] {
  const all = ports.items().flatMap((port) => (typeof port.value === 'object' ? readLong(port) : readShort(port)));
  const unique = new Map(all.map((port) => [JSON.stringify(port), port]));
  return [...unique.values()].sort(comparePorts);
}

function comparePorts(one: PortModel, other: PortModel): number {
  return (
    (one.published ?? 0) - (other.published ?? 0) ||
    one.target - other.target ||
    (one.protocol < other.protocol ? -1 : 1)
  );
}

function readLong(port: Cursor): PortModel[] {
  port.support(PORT_KEYS);
  const target = port.at('target');
  if (port.present && !target.present) port.report('target is missing');
  const number = target.number({ least: 1, most: HIGHEST_PORT });
  if (number === undefined) return [];
  const published = port.at('published').number({ least: 0, most: HIGHEST_PORT });
  return [
    compact({
      target: number,
      published: published === 0 ? undefined : published,
      protocol: port.at('protocol').oneOf(PROTOCOLS) ?? 'tcp',
      mode: port.at('mode').oneOf(['ingress', 'host']) ?? 'ingress',
    }),
  ];
}

/** `[address:][published:]target[/protocol]`, where both numbers can be ranges. */
function readShort(port: Cursor): PortModel[] {
  const text = port.text() ?? '';
  const [, address, published, target = '', protocol = 'tcp'] =
    /^(?:(?:(\[[^\]]*\]|[^:]*):)?([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(text) ?? [];
  const targets = readRange(target);
  const publisheds = published ? readRange(published) : undefined;
  const known = PROTOCOLS.find((candidate) => candidate === protocol.toLowerCase());
  if (!targets || (published && !publisheds) || !known) {
    port.report(`${port.quoted} is not a port such as 80, 8080:80 or 53:53/udp`);
    return [];
  }
  if (address) reportAddress(port, address);
  if (publisheds && publisheds.length !== targets.length) {
    port.report(`${port.quoted}: the two ranges differ in length`);
    return [];
  }
  return targets.map((number, index) =>
    compact({ target: number, published: publisheds?.[index], protocol: known, mode: 'ingress' as const }),
  );
}

function reportAddress(port: Cursor, address: string): void {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  const wildcard = bare === '0.0.0.0' || bare === '::';
  if (isIP(bare) === 0) port.report(`${JSON.stringify(address)} is not an address`);
  else if (!wildcard)
    port.report(`swarm publishes on every address of a node; remove ${address} and filter with a firewall`);
}

function readRange(text: string): number[] | undefined {
  const [, from = '', to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || first < 1 || last > HIGHEST_PORT || last < first) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
