/** Property values on the wire between engine and provider. */
import fc from 'fast-check';
import {
  containsUnknown,
  decode,
  encode,
  UNKNOWN,
  type PropertyMap,
  type Value,
} from '../../../provider/protocol/values';

const scalar = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.constant(UNKNOWN),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const properties = fc.dictionary(key, value, { noNullPrototype: true }) as fc.Arbitrary<PropertyMap>;

describe('property values', () => {
  it('come back as they were sent, unknowns included', () => {
    fc.assert(
      fc.property(properties, (map) => {
        expect(decode(encode(map)).value).toEqual(map);
      }),
    );
  });

  it('stay secret at every path that was secret', () => {
    fc.assert(
      fc.property(properties, fc.nat(), (map, pick) => {
        const keys = Object.keys(map).filter((name) => /^[A-Za-z_][\w-]*$/.test(name));
        const secretPaths = new Set(keys.length > 0 ? [keys[pick % keys.length] ?? ''] : []);
        const back = decode(encode(map, secretPaths));
        expect(back.secretPaths).toEqual(secretPaths);
        expect(back.value).toEqual(map);
      }),
    );
  });

  it('keep a nested secret apart from its neighbours', () => {
    const map = { managers: [{ connection: { host: 'a', privateKey: 'x' } }], 'odd.key': { deep: 'y' } };
    const secretPaths = new Set(['managers[0].connection.privateKey', '["odd.key"].deep']);
    expect(decode(encode(map, secretPaths))).toEqual({ value: map, secretPaths });
  });

  it('leave out what is undefined', () => {
    expect(decode(encode({ kept: 1, dropped: undefined })).value).toEqual({ kept: 1 });
  });

  it('are unknown as a whole when a part is', () => {
    expect(containsUnknown({ list: [{ deep: UNKNOWN }] })).toBe(true);
    expect(containsUnknown({ list: [{ deep: 'known' }] })).toBe(false);
  });
});
