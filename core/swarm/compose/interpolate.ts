/** What went wrong in a string with variables, in words that follow a key's name. */
export type InterpolationError = string;

/** A string whose variables are replaced; `text` is incomplete where there are errors. */
export interface Interpolated {
  text: string;
  errors: InterpolationError[];
}

/**
 * Replaces variables as the Compose specification says: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`,
 * `${NAME:?message}`, `${NAME?message}`, `${NAME:+other}`, `${NAME+other}`, nested, and `$$` for one dollar sign. The
 * colon form also takes an empty value for missing. Unlike the specification, a variable that is missing and has no
 * default is an error, not an empty string.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
export function interpolate(template: string, variables: Readonly<Record<string, string>>): Interpolated {
  const errors: InterpolationError[] = [];
  const pieces: string[] = [];
  let position = 0;
  while (position < template.length) {
    const dollar = template.indexOf('$', position);
    if (dollar === -1) break;
    pieces.push(template.slice(position, dollar));
    const found = readReference(template, dollar);
    if ('error' in found) return { text: template, errors: [found.error] };
    pieces.push('literal' in found ? found.literal : substitute(found.reference, variables, errors));
    position = found.end;
  }
  pieces.push(template.slice(position));
  return { text: pieces.join(''), errors };
}

interface Reference {
  name: string;
  operator: '' | ':-' | '-' | ':?' | '?' | ':+' | '+';
  operand: string;
}

type Found = { literal: string; end: number } | { reference: Reference; end: number } | { error: InterpolationError };

const NAME = /[_a-z][_a-z0-9]*/iy;

function readReference(template: string, dollar: number): Found {
  if (template[dollar + 1] === '$') return { literal: '$', end: dollar + 2 };
  const braced = template[dollar + 1] === '{';
  NAME.lastIndex = dollar + (braced ? 2 : 1);
  const name = NAME.exec(template)?.[0];
  if (name === undefined) return { error: `${excerpt(template, dollar)} is no variable; write $$ for a dollar sign` };
  const afterName = dollar + (braced ? 2 : 1) + name.length;
  if (!braced) return { reference: { name, operator: '', operand: '' }, end: afterName };
  const close = closingBrace(template, afterName);
  if (close === -1) return { error: `${excerpt(template, dollar)} has no closing brace` };
  const body = /^(|:-|-|:\?|\?|:\+|\+)$/;
  const rest = template.slice(afterName, close);
  const operator = /^:?[-?+]/.exec(rest)?.[0] ?? rest;
  if (!body.test(operator)) {
    return { error: `${template.slice(dollar, close + 1)} is no variable: :-, -, :?, ?, :+ or + can follow the name` };
  }
  const reference = { name, operator: operator as Reference['operator'], operand: rest.slice(operator.length) };
  return { reference, end: close + 1 };
}

/** The brace that ends a reference, past the references nested in it. */
function closingBrace(template: string, from: number): number {
  let depth = 1;
  for (let position = from; position < template.length; position += 1) {
    if (template.startsWith('$$', position)) position += 1;
    else if (template.startsWith('${', position)) {
      depth += 1;
      position += 1;
    } else if (template[position] === '}') {
      depth -= 1;
      if (depth === 0) return position;
    }
  }
  return -1;
}

function substitute(
  reference: Reference,
  variables: Readonly<Record<string, string>>,
  errors: InterpolationError[],
): string {
  const { name, operator, operand } = reference;
  const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const value = operator.startsWith(':') && given === '' ? undefined : given;
  const inner = (): string => {
    const nested = interpolate(operand, variables);
    errors.push(...nested.errors);
    return nested.text;
  };
  switch (operator) {
    case ':-':
    case '-':
      return value ?? inner();
    case ':+':
    case '+':
      return value === undefined ? '' : inner();
    case ':?':
    case '?':
      if (value === undefined) errors.push(`variable ${name} is needed: ${inner() || 'it has no value'}`);
      return value ?? '';
    case '':
      if (value === undefined) errors.push(`variable ${name} has no value; give it one or write \${${name}:-default}`);
      return value ?? '';
  }
}

function excerpt(template: string, from: number): string {
  return JSON.stringify(template.slice(from, from + 20));
}
