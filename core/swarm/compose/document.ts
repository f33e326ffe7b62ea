import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { interpolate } from './interpolate';
import type { Path, Source } from './source';

/** A YAML value with its variables replaced: what JSON can hold. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/**
 * How many values a file may unfold to. Aliases within aliases can make a few lines unfold to billions; the largest real
 * compose files hold a few thousand.
 */
const MOST_VALUES = 100_000;

/** Reads YAML with anchors and merge keys into plain values, replaces variables, and tells the source each one's line. */
export function readDocument(text: string, source: Source): Value {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: false, prettyErrors: false });
  for (const error of [...document.errors, ...document.warnings]) {
    source.report([], `not valid YAML: ${error.message}`, lineCounter.linePos(error.pos[0]).line);
  }
  if (document.errors.length > 0 || document.contents === null) return null;
  return new Unfolding(document, lineCounter, source).value(document.contents, []);
}

class Unfolding {
  private count = 0;
  private readonly open = new Set<Node>();

  constructor(
    private readonly document: Document,
    private readonly lineCounter: LineCounter,
    private readonly source: Source,
  ) {}

  value(node: unknown, path: Path): Value {
    const target = this.resolve(node, path);
    if (target === undefined || this.isTooLarge()) return null;
    if (isScalar(target)) return this.scalar(target.value, target.source, path);
    if (this.open.has(target)) {
      this.source.report(path, 'an alias refers to a value that contains it');
      return null;
    }
    this.open.add(target);
    const value = isMap(target) ? this.mapping(target, path) : this.list(target, path);
    this.open.delete(target);
    return value;
  }

  private isTooLarge(): boolean {
    this.count += 1;
    if (this.count > MOST_VALUES) this.source.report([], `aliases unfold to more than ${MOST_VALUES} values`);
    return this.count > MOST_VALUES;
  }

  private resolve(node: unknown, path: Path): Node | undefined {
    if (!isAlias(node)) return node === null ? undefined : (node as Node);
    const target = node.resolve(this.document);
    if (target === undefined) this.source.report(path, `alias *${node.source} has no anchor`);
    return target;
  }

  private list(node: Node, path: Path): Value[] {
    if (!isSeq(node)) return [];
    return node.items.map((item, index) => {
      const at = [...path, index];
      this.setLine(at, item);
      return this.value(item, at);
    });
  }

  /** A mapping's own keys win over merged ones, and earlier merged mappings over later ones (YAML merge key language). */
  private mapping(node: YAMLMap, path: Path): Record<string, Value> {
    const wanted = [...this.pairs(node, path)].filter(([key]) => path.length > 0 || !key.startsWith('x-'));
    const entries = wanted.map(([key, pair]): [string, Value] => {
      const at = [...path, key];
      this.setLine(at, pair.key);
      return [key, this.value(pair.value, at)];
    });
    return Object.fromEntries(entries);
  }

  private pairs(node: YAMLMap, path: Path): Map<string, Pair> {
    const own = new Map<string, Pair>();
    const merged = new Map<string, Pair>();
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (key !== '<<') own.set(key, pair);
      else
        for (const [name, other] of this.mergedPairs(pair.value, path)) if (!merged.has(name)) merged.set(name, other);
    }
    return new Map([...merged, ...own]);
  }

  private mergedPairs(node: unknown, path: Path): Map<string, Pair> {
    const target = this.resolve(node, path);
    if (this.isTooLarge()) return new Map();
    if (isMap(target)) return this.pairs(target, path);
    if (isSeq(target)) {
      const result = new Map<string, Pair>();
      for (const item of target.items) {
        for (const [name, pair] of this.mergedPairs(item, path)) if (!result.has(name)) result.set(name, pair);
      }
      return result;
    }
    this.source.report([...path, '<<'], 'a merge key takes a mapping or a list of mappings');
    return new Map();
  }

  private scalar(value: unknown, written: string | undefined, path: Path): Value {
    if (typeof value === 'string') {
      const { text, errors } = interpolate(value, this.source.variables);
      if (errors.length > 0) this.source.spoil(path, errors);
      if (text !== value) this.source.setWritten(path, value);
      return errors.length > 0 ? value : text;
    }
    if (typeof value === 'number') return number(value, written);
    return typeof value === 'boolean' ? value : null;
  }

  private setLine(path: Path, node: unknown): void {
    const offset = (node as Node | null)?.range?.[0];
    if (offset !== undefined) this.source.setLine(path, this.lineCounter.linePos(offset).line);
  }
}

/** Docker's YAML reader takes 0440 for octal, as YAML 1.1 does: file modes are written so. Large numbers stay exact as text. */
function number(value: number, written: string | undefined): number | string {
  if (written !== undefined && /^0[0-7]+$/.test(written)) return Number.parseInt(written, 8);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && written !== undefined ? written : value;
}
