import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../shared/domain/json.ts';
import { maskValues } from '../../shared/domain/masking/mask-values.ts';
import { ordinaryBodies } from '../support/ordinary-bodies.ts';
import { runs } from './runs.ts';

/** As generators of passwords make them, with whatever must be escaped somewhere. */
const secretOf = fc
  .string({ unit: fc.constantFrom(...'kPz7Q&<>"\'\\/+ %=é#x94_-mB'), minLength: 16, maxLength: 300 })
  .filter(isNoRepetition);

/** A value that holds itself again is in part left, whatever is taken of it. */
function isNoRepetition(text: string): boolean {
  const places = Array.from({ length: text.length - 7 }, (_, at) => text.slice(at, at + 8).toLowerCase());
  return text.trim() === text && new Set(places).size === places.length && /[a-z]{2}/i.test(text);
}

const encoders: readonly ((text: string) => string)[] = [
  encodeURIComponent,
  encodeURI,
  (text) => new URLSearchParams({ p: text }).toString(),
  (text) => JSON.stringify({ p: text }),
  (text) => text.replace(/[^a-zA-Z0-9]/g, (sign) => `&#x${sign.charCodeAt(0).toString(16)};`),
  (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  (text) => text.replace(/[^a-zA-Z0-9]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
];

const around = fc.constantFrom('', 'x', 'xy', 'user: ');

/** What the answer says once every escape is undone and every text of it put together, in one case. */
function told(shown: JsonValue): string {
  return JSON.stringify(shown).toLowerCase();
}

describe('of a known value nothing is left', () => {
  it('in two escapings, one in the other', () => {
    fc.assert(
      fc.property(secretOf, around, fc.constantFrom(...encoders), fc.constantFrom(...encoders), (secret, before, inner, outer) => {
        const { value } = maskValues(outer(`${before}${inner(secret)}!`), [secret]);
        expect(told(value)).not.toContain(secret.match(/[a-z0-9]{2,}/i)?.[0].toLowerCase() ?? '');
      }),
      { ...runs, numRuns: 1_000 },
    );
  });

  it('in base64 of it and of what stands around it, in lines of 64 and 76', () => {
    fc.assert(
      fc.property(secretOf, around, fc.constantFrom(64, 76), fc.constantFrom('\n', '\r\n', '\n  '), (secret, before, width, end) => {
        const encoded = Buffer.from(`${before}${secret}`).toString('base64');
        const lines = encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
        const kept = (maskValues(lines.join(end), [secret]).value as string).replaceAll('«masked»', '').replaceAll(/\s/g, '');
        // The signs at either end hold bits of what stands around it, too.
        expect(kept.length).toBeLessThanOrEqual(Math.ceil((before.length * 8) / 6) + 4);
      }),
      runs,
    );
  });

  it('in pieces that follow each other', () => {
    fc.assert(
      fc.property(secretOf, fc.array(fc.nat(300), { minLength: 1, maxLength: 4 }), (secret, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % secret.length).sort((one, other) => one - other), secret.length];
        const pieces = at.slice(1).map((end, index) => secret.slice(at[index], end));
        const { value } = maskValues({ before: 'made:', list: pieces, after: ['done'] }, [secret]);
        expect(value).toEqual({ before: 'made:', list: pieces.map((piece) => (piece === '' ? '' : '«masked»')), after: ['done'] });
      }),
      runs,
    );
  });

  it('in more than half of it, from either end', () => {
    fc.assert(
      fc.property(secretOf, fc.boolean(), fc.integer({ min: 50, max: 99 }), (secret, fromEnd, percent) => {
        const length = Math.ceil((secret.length * percent) / 100);
        const piece = fromEnd ? secret.slice(-length) : secret.slice(0, length);
        expect(maskValues(`got |${piece}| of it`, [secret]).value).toBe('got |«masked»| of it');
      }),
      runs,
    );
  });
});

describe('what holds no known value stays', () => {
  const values = [
    'hunter2!',
    'kP9xZq7wTT-correct-horse',
    'Server=tcp:db-1.database.windows.net,1433;User ID=shop;Password=kP9xZq7wTT;Encrypt=True',
    'DefaultEndpointsProtocol=https;AccountName=st1;AccountKey=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=;EndpointSuffix=core.windows.net',
    '{"user":"svc-shop","password":"kP9xZq7wTT","port":5432}',
    'postgres://shop:kP9xZq7wTT@db-1.postgres.database.azure.com:5432/shop?sslmode=require',
  ];
  it.each(ordinaryBodies.map(({ kind, body }) => [kind, body(200_000)] as const))('in %s', (_, body) => {
    expect(maskValues(body, values)).toEqual({ value: body, masked: [] });
  });
});
