import { RunError } from '@pulumi/pulumi';
import { z } from 'zod';
import { suggest } from '../core/swarm/compose/suggest';
import type { Problem } from '../core/swarm/rules';

/** The environment file can't be used as it is. Pulumi shows the message without a stack trace. */
export class EnvironmentError extends RunError {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'EnvironmentError';
  }
}

/** One line for a problem of the value of `swarm:environment`. */
export function problemLine(file: string, { path, message }: Problem): string {
  return `${file}: ${CONFIG_KEY}${path === '' ? '' : `.${path}`}: ${message}`;
}

/** The one key of an environment file that the project reads. */
export const CONFIG_KEY = 'swarm:environment';

/** A path as people write it: `nodes[2].labels`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/**
 * What a value breaks of a schema, one problem per key; empty when it fits.
 * Values are never quoted, as they may be secret, except where a word of a fixed set is wanted.
 */
export function schemaProblems(schema: z.ZodType, value: unknown): Problem[] {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: pathText(issue.path), message: issue.message }];
    const known = knownKeys(schema, value, issue.path);
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: `unknown key ${suggestion(key, known)}`.trim(),
    }));
  });
}

/** A schema's own wording goes before this one. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'missing';
      return `must be ${TYPES[issue.expected] ?? issue.expected}, not ${typeName(issue.input)}${quoteHint(issue)}`;
    case 'invalid_value':
      return oneOf(issue.values.map(String), issue.input);
    case 'invalid_union':
      return kindProblem(issue);
    case 'invalid_key':
      return issue.issues[0]?.message;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

const TYPES: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  if (typeof value === 'boolean') return String(value);
  return TYPES[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}

function quoteHint(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  return issue.expected === 'string' && ['number', 'boolean'].includes(typeof issue.input) ? '; put it in quotes' : '';
}

function kindProblem(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined {
  const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
  if (discriminator === undefined) return undefined;
  return oneOf((options ?? []).map(String), (issue.input as Record<string, unknown>)[discriminator]);
}

function oneOf(values: readonly string[], given: unknown): string {
  const choice = `must be ${values.join(' or ')}`;
  return typeof given === 'string' ? `${choice} ${suggestion(given, values)}`.trim() : `missing; it ${choice}`;
}

/** What to say after a word that isn't among the known ones: the nearest, or all there are. */
function suggestion(given: string, known: readonly string[]): string {
  const nearest = suggest(given, known);
  if (nearest !== undefined) return `(did you mean "${nearest}"?)`;
  return known.length > 0 ? `(there are: ${known.join(', ')})` : '';
}

/** The keys that a schema has at a place of a value. */
function knownKeys(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const here = bare(schema, value);
  const [part, ...rest] = path;
  if (part === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
  const child = childSchema(here, part);
  return child ? knownKeys(child, (value as Record<PropertyKey, unknown>)[part], rest) : [];
}

function childSchema(schema: z.ZodType, part: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(part)] as z.ZodType | undefined;
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  return undefined;
}

/** The schema below `optional` and `default`, and of several kinds the one that the value says it is. */
function bare(schema: z.ZodType, value: unknown): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return bare(schema.unwrap() as z.ZodType, value);
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const { discriminator } = schema.def;
  const kind = (value as Record<string, unknown>)[discriminator];
  const options = schema.options as z.ZodObject[];
  return options.find((option) => (option.shape[discriminator] as z.ZodType).safeParse(kind).success) ?? schema;
}
