import type { Value } from './document';
import type { Path, Source } from './source';
import { suggest } from './suggest';
import type { SupportTable } from './support';
import { formatDuration, parseBytes, parseDuration } from './units';

/**
 * A place in a compose file and the value there. Every reader returns undefined for an absent value and for a wrong one;
 * a wrong one is reported, so that all problems of a file come out in one go.
 */
export class Cursor {
  constructor(
    readonly source: Source,
    readonly path: Path,
    readonly value: Value | undefined,
  ) {}

  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** What stands in the file, in quotes, for messages. */
  get quoted(): string {
    const written = this.source.writtenAt(this.path);
    return written === undefined ? JSON.stringify(this.value) : JSON.stringify(written);
  }

  report(message: string): void {
    this.source.report(this.path, message);
  }

  /** The result of a reader: `result` itself, or undefined and a problem reported where there is none. */
  checked<T>(result: T | undefined, message: string): T | undefined {
    if (result === undefined) this.report(message);
    return result;
  }

  at(key: string | number): Cursor {
    const inside = this.value;
    const value = isMapping(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined;
    return new Cursor(this.source, [...this.path, key], value);
  }

  /** Reports the keys that swarm cannot honour and those that nobody knows. Keys that begin with x- are free to use. */
  support(table: SupportTable): this {
    for (const [key, entry] of this.entries()) {
      const support = Object.hasOwn(table, key) ? table[key] : undefined;
      if (typeof support === 'object') entry.report(support.refused);
      else if (support === undefined && !key.startsWith('x-')) entry.report(unknownKey(key, table));
    }
    return this;
  }

  /** The keys of a mapping and what is under them; none when there is no mapping, which is reported. */
  entries(): [string, Cursor][] {
    if (!this.present) return [];
    if (isMapping(this.value)) return Object.keys(this.value).map((key) => [key, this.at(key)]);
    this.report('must be a mapping');
    return [];
  }

  items(): Cursor[] {
    if (!this.present) return [];
    if (Array.isArray(this.value))
      return this.value.map((item, index) => new Cursor(this.source, [...this.path, index], item));
    this.report('must be a list');
    return [];
  }

  text(): string | undefined {
    if (this.value === undefined || this.value === null) return undefined;
    return this.checked(typeof this.value === 'object' ? undefined : String(this.value), 'must be text');
  }

  oneOf<T extends string>(allowed: readonly T[]): T | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    const found = allowed.find((candidate) => candidate === text.toLowerCase());
    return this.checked(found, `${this.quoted} is not one of ${allowed.join(', ')}`);
  }

  flag(): boolean | undefined {
    const text = this.text()?.toLowerCase();
    if (text === undefined) return undefined;
    const flag =
      ['true', 'yes', 'on', 'y'].includes(text) || (['false', 'no', 'off', 'n'].includes(text) ? false : undefined);
    return this.checked(flag, 'must be true or false');
  }

  number(range: { least?: number; most?: number; whole?: boolean } = {}): number | undefined {
    const text = this.text()?.trim();
    if (text === undefined) return undefined;
    const { least = 0, most = Number.MAX_SAFE_INTEGER, whole = true } = range;
    const number = text === '' ? Number.NaN : Number(text);
    const fits = Number.isFinite(number) && number >= least && number <= most && (!whole || Number.isInteger(number));
    const upper = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
    const message = `${this.quoted} is not a ${whole ? 'whole ' : ''}number from ${least} ${upper}`;
    return this.checked(fits ? number : undefined, message);
  }

  duration(): string | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    const duration = this.checked(parseDuration(text), `${this.quoted} is not a duration such as 10s or 1m30s`);
    return duration === undefined ? undefined : formatDuration(duration);
  }

  bytes(): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    return this.checked(parseBytes(text), `${this.quoted} is not a size such as 512m or 1.5g`);
  }

  /** One text, or a list of them. */
  texts(): string[] {
    if (!this.present) return [];
    if (!Array.isArray(this.value)) return present([this.text()]);
    return present(this.items().map((item) => item.text()));
  }

  /** A list in which order means nothing: sorted, without repetitions. */
  textSet(): string[] {
    return [...new Set(this.texts())].sort();
  }

  /** A mapping or a list of `key=value`, sorted by key; a key without a value has an empty one, or what `fallback` says. */
  textMap(fallback: (key: string, at: Cursor) => string | undefined = () => ''): Record<string, string> {
    const pairs: [string, string | undefined][] = Array.isArray(this.value)
      ? this.items().map((item) => this.splitPair(item, fallback))
      : this.entries().map(([key, entry]) => [key, entry.present ? entry.text() : fallback(key, entry)]);
    const known = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined);
    return sorted(Object.fromEntries(known));
  }

  private splitPair(
    item: Cursor,
    fallback: (key: string, at: Cursor) => string | undefined,
  ): [string, string | undefined] {
    const text = item.text() ?? '';
    const equals = text.indexOf('=');
    return equals === -1 ? [text, fallback(text, item)] : [text.slice(0, equals), text.slice(equals + 1)];
  }
}

/** A record with its keys in order, so that two equal ones are written alike. */
export function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The values that are there. */
export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value): value is T => value !== undefined);
}

/** The object without its undefined fields. */
export function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

function isMapping(value: Value | undefined): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKey(key: string, table: SupportTable): string {
  const near = suggest(key, Object.keys(table));
  return near === undefined ? 'unknown key' : `unknown key; did you mean ${near}?`;
}
