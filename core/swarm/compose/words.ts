/**
 * Splits a command line into words as docker does for a `command` or `entrypoint` given as one string (its google/shlex):
 * single and double quotes, a backslash before any character outside single quotes, comments after #; nothing else of a
 * shell. Undefined when a quote is left open or the line ends in a backslash.
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let position = 0; position < line.length; position += 1) {
    const character = line[position] ?? '';
    if (character === '\\' && quote !== "'") {
      position += 1;
      if (position >= line.length) return undefined;
      word = (word ?? '') + (line[position] ?? '');
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#' && word === undefined) {
      const end = line.indexOf('\n', position);
      position = end === -1 ? line.length : end;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
