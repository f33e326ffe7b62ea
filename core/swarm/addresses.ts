import { isIP } from 'node:net';

/** One spelling per address, so that two spellings of one address compare equal (RFC 5952 for IPv6). */
export function canonicalAddress(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The address part of `10.77.0.11:2377` or `[fd00::1]:2377`. */
export function hostOf(addressAndPort: string): string {
  return canonicalAddress(addressAndPort.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
}
