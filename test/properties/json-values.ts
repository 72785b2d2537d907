import fc from 'fast-check';
import type { JsonValue } from '../../shared/domain/json.ts';

/** Names that code stumbles over, among any others. */
const names = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'toJSON',
    'password',
    'keyName',
    'value',
    'key',
    'name',
    '',
    '0',
    '1',
    'é',
    '\ufb33',
  ),
);

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('Password=hunter2', '2026-01-02T03:04:05Z', '«masked»', 'amqps://user:hunter2@broker.example'),
);

/** Any JSON value that our parser accepts, up to some depth. */
export const jsonValues: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, true, false),
    texts,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
