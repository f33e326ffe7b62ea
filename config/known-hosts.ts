import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Kinds of host keys in the order in which Go's SSH library, and so the official `command` plugin, asks a machine for
 * them; a pinned key of another kind than the machine then shows would be refused.
 * Source: golang.org/x/crypto/ssh, `supportedHostKeyAlgos`.
 */
const PREFERENCE = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa', 'ssh-ed25519'];

/**
 * The host key that a known_hosts file has for a machine, as `<type> <base64>`.
 * Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; hashed names are understood, certificates and revoked keys are not keys
 * to pin.
 */
export function findHostKey(knownHosts: string, host: string, port: number): string | undefined {
  const name = (port === 22 ? host : `[${host}]:${port}`).toLowerCase();
  const keys = knownHosts.split('\n').flatMap((line) => {
    const [names = '', type = '', key = ''] = line.trim().split(/\s+/);
    return PREFERENCE.includes(type) && matches(names, name) ? [{ type, key }] : [];
  });
  const [best] = keys.sort((one, other) => PREFERENCE.indexOf(one.type) - PREFERENCE.indexOf(other.type));
  return best && `${best.type} ${best.key}`;
}

function matches(names: string, name: string): boolean {
  if (names.startsWith('|1|')) return matchesHash(names, name);
  const patterns = names.toLowerCase().split(',');
  const excluded = patterns.some((pattern) => pattern.startsWith('!') && glob(pattern.slice(1)).test(name));
  return !excluded && patterns.some((pattern) => glob(pattern).test(name));
}

/** `|1|<salt>|<HMAC-SHA1 of the name>`, both in base64. */
function matchesHash(hashed: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hashed.split('|');
  const expected = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === found.length && timingSafeEqual(expected, found);
}

function glob(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`);
}
