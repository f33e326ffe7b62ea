/**
 * Property values as they cross the wire between the Pulumi engine and a provider.
 * Source of the two constants: pulumi/sdk, `rpc.UnknownStringValue` and `resource.SigKey` / `resource.SecretSig`.
 */
import { Struct } from 'google-protobuf/google/protobuf/struct_pb';

const UNKNOWN_SENTINEL = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const SIGNATURE_KEY = '4dabf18193072939515e22adb298388d';
const SECRET_SIGNATURE = '1b47061264138c4ac30d75fd1eb44270';

/** A value that is not known before the deployment (only in check, diff and preview). */
export const UNKNOWN: unique symbol = Symbol('unknown until the deployment');
export type Unknown = typeof UNKNOWN;

export type Value = null | boolean | number | string | Unknown | Value[] | PropertyMap;
export interface PropertyMap {
  [key: string]: Value | undefined;
}

/** Property path as Pulumi writes it: `spec.autolock`, `managers[0].address`, `labels["a.b"]`. */
export type PropertyPath = string;

/** Decoded properties, with the paths whose values must never be shown. */
export interface Decoded {
  value: PropertyMap;
  secretPaths: ReadonlySet<PropertyPath>;
}

/** Extends a property path by an object key or an array index. */
export function childPath(parent: PropertyPath, key: string | number): PropertyPath {
  if (typeof key === 'number') return `${parent}[${String(key)}]`;
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

/** Reads properties off the wire: unknowns become {@link UNKNOWN}, secrets are unwrapped and their paths kept. */
export function decode(struct: Struct | undefined): Decoded {
  const secretPaths = new Set<PropertyPath>();
  const walk = (raw: unknown, path: PropertyPath): Value => {
    if (raw === UNKNOWN_SENTINEL) return UNKNOWN;
    if (Array.isArray(raw)) return raw.map((item, index) => walk(item, childPath(path, index)));
    if (typeof raw !== 'object' || raw === null) return raw as Value;
    const entries = raw as Record<string, unknown>;
    const signature = entries[SIGNATURE_KEY];
    if (signature === SECRET_SIGNATURE) {
      secretPaths.add(path);
      return walk(entries.value, path);
    }
    if (signature !== undefined) {
      throw new Error(`${path}: assets, archives and resource references are not supported here; pass plain values`);
    }
    return Object.fromEntries(Object.entries(entries).map(([key, item]) => [key, walk(item, childPath(path, key))]));
  };
  return { value: walk(struct?.toJavaScript() ?? {}, '') as PropertyMap, secretPaths };
}

/**
 * Writes properties to the wire.
 * @param secretPaths values at these paths (whole subtrees) are wrapped, so that the engine encrypts and hides them
 */
export function encode(value: PropertyMap, secretPaths: ReadonlySet<PropertyPath> = new Set()): Struct {
  const plain = (item: Value, path: PropertyPath): unknown => {
    if (item === UNKNOWN) return UNKNOWN_SENTINEL;
    if (Array.isArray(item)) return item.map((element, index) => walk(element, childPath(path, index)));
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(
      Object.entries(item).flatMap(([key, child]) =>
        child === undefined ? [] : [[key, walk(child, childPath(path, key))]],
      ),
    );
  };
  const walk = (item: Value, path: PropertyPath): unknown =>
    secretPaths.has(path) ? { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: plain(item, path) } : plain(item, path);
  return Struct.fromJavaScript(plain(value, '') as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** Whether the value, or any value within it, is unknown. */
export function containsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(containsUnknown);
}
