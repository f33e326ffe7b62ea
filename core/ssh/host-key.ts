/** The pinned host key of a machine. */
import { createHash } from 'node:crypto';

/** A public key as known_hosts has it. */
export interface HostKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`… */
  type: string;
  /** The key in wire format (RFC 4253, section 6.6). */
  blob: Buffer;
}

/** Every host key algorithm on offer, best first. Source: ssh2's own list. */
const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/** Algorithms that prove possession of a key of this type; RSA has three (RFC 8332). */
function algorithmsFor(type: string): string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type];
}

/**
 * Reads `ssh-ed25519 AAAA… comment`; a line of known_hosts or of ssh-keyscan, with names before the type, will do too.
 * @returns undefined when it isn't a public key of a kind that is spoken here
 */
export function parseHostKey(text: string): HostKey | undefined {
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => algorithmsFor(word).every((algorithm) => ALGORITHMS.includes(algorithm)));
  const [type, encoded] = at < 0 ? [] : words.slice(at, at + 2);
  if (!type || !encoded) return undefined;
  const blob = Buffer.from(encoded, 'base64');
  return typeOf(blob) === type ? { type, blob } : undefined;
}

/**
 * Algorithms to offer: those of the pinned key first, so that a machine with several host keys shows that one. The
 * others follow, so that a machine without it can be told apart by its fingerprint.
 */
export function hostKeyAlgorithms(pinned: HostKey): string[] {
  const preferred = algorithmsFor(pinned.type);
  return [...preferred, ...ALGORITHMS.filter((algorithm) => !preferred.includes(algorithm))];
}

/** As `ssh-keygen -l` prints it: `ssh-ed25519 SHA256:…`. */
export function fingerprint(blob: Buffer): string {
  return `${typeOf(blob)} SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function typeOf(blob: Buffer): string {
  if (blob.length < 4) return 'unknown';
  const length = blob.readUInt32BE(0);
  return length <= blob.length - 4 ? blob.toString('latin1', 4, 4 + length) : 'unknown';
}
