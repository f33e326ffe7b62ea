const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** A Go duration (`1m30s`, `1.5h`, `100ms`) in nanoseconds, or undefined when the text is none. */
export function parseDuration(text: string): bigint | undefined {
  if (text === '0') return 0n;
  if (!/^(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$/.test(text)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|ms|s|m|h)/g)) {
    const size = NANOSECONDS[unit] ?? 0n;
    total += BigInt(whole || '0') * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
  }
  return total;
}

/** One spelling per duration: `90s` and `1m30s` are both `1m30s`. */
export function formatDuration(nanoseconds: bigint): string {
  let rest = nanoseconds;
  const parts = ['h', 'm', 's', 'ms', 'us', 'ns'].map((unit) => {
    const size = NANOSECONDS[unit] ?? 1n;
    const amount = rest / size;
    rest %= size;
    return amount === 0n ? '' : `${amount}${unit}`;
  });
  return parts.join('') || '0s';
}

/** A size in bytes as Docker reads it: `512m`, `1.5 GiB`, `1024`; all units are powers of 1024 (go-units RAMInBytes). */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp])?i?b?$/i.exec(text);
  if (!match) return undefined;
  const power = ['', 'k', 'm', 'g', 't', 'p'].indexOf((match[2] ?? '').toLowerCase());
  return Math.trunc(Number(match[1]) * 1024 ** power);
}
