import fc from 'fast-check';
import { suggest } from '../../../../../core/swarm/compose/suggest';

const known = ['image', 'environment', 'container_name', 'ports', 'volumes'];

describe('a suggestion for a mistyped word', () => {
  it.each([
    ['imgae', 'image'],
    ['Image', 'image'],
    ['enviroment', 'environment'],
    ['container-name', 'container_name'],
    ['port', 'ports'],
    ['volums', 'volumes'],
  ])('%s is %s', (word, expected) => {
    expect(suggest(word, known)).toBe(expected);
  });

  it.each(['', 'x', 'quite another'])('is not made for %j', (word) => {
    expect(suggest(word, known)).toBeUndefined();
  });

  it('finds a word after any one slip', () => {
    const slip = fc.tuple(
      fc.constantFrom(...known),
      fc.nat(),
      fc.constantFrom('drop' as const, 'double' as const, 'swap' as const),
    );
    fc.assert(
      fc.property(slip, ([word, at, kind]) => {
        const index = at % (word.length - 1);
        const [one = '', two = ''] = [word[index], word[index + 1]];
        const middle = { drop: two, double: one + one + two, swap: two + one }[kind];
        expect(suggest(word.slice(0, index) + middle + word.slice(index + 2), known)).toBe(word);
      }),
    );
  });
});
