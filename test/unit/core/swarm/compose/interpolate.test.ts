import fc from 'fast-check';
import { interpolate } from '../../../../../core/swarm/compose/interpolate';

const variables = { NAME: 'web', EMPTY: '', N: '3' };
const text = (template: string): string => {
  const { text, errors } = interpolate(template, variables);
  expect(errors).toEqual([]);
  return text;
};

describe('variables in a compose file', () => {
  it.each([
    ['$NAME', 'web'],
    ['${NAME}', 'web'],
    ['a-$NAME-b$NAME', 'a-web-bweb'],
    ['${NAME}_x', 'web_x'],
    ['$EMPTY', ''],
    ['${NONE:-x}', 'x'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY-x}', ''],
    ['${NONE-x}', 'x'],
    ['${NAME:-x}', 'web'],
    ['${NAME:+x}', 'x'],
    ['${NONE:+x}', ''],
    ['${EMPTY:+x}', ''],
    ['${EMPTY+x}', 'x'],
    ['${NAME:?must}', 'web'],
    ['${EMPTY?must}', ''],
    ['${NONE:-a:b-c?d}', 'a:b-c?d'],
    ['${NONE:-${NAME}}', 'web'],
    ['${NONE:-a${NONE:-b${N}}c}d', 'ab3cd'],
    ['${NAME:+${N}}', '3'],
    ['${NAME:-${NONE}}', 'web'],
  ])('%s becomes %s', (template, expected) => {
    expect(text(template)).toBe(expected);
  });

  it.each([
    ['$$NAME', '$NAME'],
    ['$${NAME}', '${NAME}'],
    ['$$$NAME', '$web'],
    ['${NONE:-$$5}', '$5'],
    ['100$$', '100$'],
  ])('%s keeps a dollar sign: %s', (template, expected) => {
    expect(text(template)).toBe(expected);
  });

  it.each([
    ['$NONE', 'variable NONE has no value; give it one or write ${NONE:-default}'],
    ['${NONE}', 'variable NONE has no value; give it one or write ${NONE:-default}'],
    ['${NONE:?set the tag}', 'variable NONE is needed: set the tag'],
    ['${EMPTY:?set it}', 'variable EMPTY is needed: set it'],
    ['${NONE?}', 'variable NONE is needed: it has no value'],
    ['${NONE:-${OTHER}}', 'variable OTHER has no value; give it one or write ${OTHER:-default}'],
    ['$(date)', '"$(date)" is no variable; write $$ for a dollar sign'],
    ['cost: 5$', '"$" is no variable; write $$ for a dollar sign'],
    ['${}', '"${}" is no variable; write $$ for a dollar sign'],
    ['${1x}', '"${1x}" is no variable; write $$ for a dollar sign'],
    ['${NAME', '"${NAME" has no closing brace'],
    ['${NAME!x}', '${NAME!x} is no variable: :-, -, :?, ?, :+ or + can follow the name'],
    ['${NAME:x}', '${NAME:x} is no variable: :-, -, :?, ?, :+ or + can follow the name'],
  ])('%s is an error', (template, message) => {
    expect(interpolate(template, variables).errors).toEqual([message]);
  });

  it('do not take names that every object has for variables', () => {
    expect(interpolate('$constructor', {}).errors).toHaveLength(1);
  });

  it('leave a text without dollar signs alone, and any text whose dollar signs are doubled', () => {
    fc.assert(
      fc.property(fc.string(), (any) => {
        expect(interpolate(any.replaceAll('$', '$$$$'), {})).toEqual({ text: any, errors: [] });
      }),
    );
  });

  it('never hang nor throw, whatever the text', () => {
    const pieces = fc.constantFrom('$', '{', '}', 'A', ':', '-', '?', '+', '$$', '${A', ' ');
    fc.assert(
      fc.property(fc.array(pieces), (parts) => typeof interpolate(parts.join(''), { A: 'x' }).text === 'string'),
    );
  });
});
