import { createHmac } from 'node:crypto';
import { findHostKey } from '../../../config/known-hosts';

function hashed(name: string): string {
  const salt = Buffer.from('twenty bytes of salt');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('a host key in known_hosts', () => {
  it.each([
    ['by address', '10.0.0.1 ssh-ed25519 AAAA root@board', '10.0.0.1', 22],
    ['by any name of a list', 'board,10.0.0.1 ssh-ed25519 AAAA', '10.0.0.1', 22],
    ['whatever the case of the name', 'Board.LAN ssh-ed25519 AAAA', 'board.lan', 22],
    ['by a pattern', '10.0.0.* ssh-ed25519 AAAA', '10.0.0.17', 22],
    ['at another port', '[10.0.0.1]:2222 ssh-ed25519 AAAA', '10.0.0.1', 2222],
    ['under a hashed name', `${hashed('10.0.0.1')} ssh-ed25519 AAAA`, '10.0.0.1', 22],
    ['among other lines', '# comment\n\n10.0.0.2 ssh-ed25519 BBBB\n10.0.0.1 ssh-ed25519 AAAA', '10.0.0.1', 22],
  ])('is found %s', (_, file, host, port) => {
    expect(findHostKey(file, host, port)).toBe('ssh-ed25519 AAAA');
  });

  it.each([
    ['another machine', '10.0.0.2 ssh-ed25519 AAAA', '10.0.0.1', 22],
    ['another port', '10.0.0.1 ssh-ed25519 AAAA', '10.0.0.1', 2222],
    ['a name that only looks alike', '10.0.0.1 ssh-ed25519 AAAA', '10x0x0x1', 22],
    ['an excluded name', '*.lan,!board.lan ssh-ed25519 AAAA', 'board.lan', 22],
    ['a revoked key', '@revoked 10.0.0.1 ssh-ed25519 AAAA', '10.0.0.1', 22],
    ['a certificate authority', '@cert-authority 10.0.0.1 ssh-ed25519 AAAA', '10.0.0.1', 22],
    ['a hashed name of another machine', `${hashed('10.0.0.2')} ssh-ed25519 AAAA`, '10.0.0.1', 22],
    ['an empty file', '', '10.0.0.1', 22],
  ])('is not taken from %s', (_, file, host, port) => {
    expect(findHostKey(file, host, port)).toBeUndefined();
  });

  it('is, of several, the one that the machine will show to the command plugin', () => {
    const file = '10.0.0.1 ssh-ed25519 E\n10.0.0.1 ssh-rsa R\n10.0.0.1 ecdsa-sha2-nistp256 P';
    expect(findHostKey(file, '10.0.0.1', 22)).toBe('ecdsa-sha2-nistp256 P');
  });
});
