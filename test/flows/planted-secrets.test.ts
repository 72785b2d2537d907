import { describe, expect, it } from 'vitest';
import { findPlanted } from '../support/planted-secrets.ts';

const secret = { name: 'password', value: 'Pl4nt3d!"\\&é+/=?' };
const found = (text: string) => findPlanted([secret], [{ name: 'log', text }]);

describe('a search for planted secrets', () => {
  it('finds nothing where there is nothing', () => {
    expect(found('Pl4nt3d')).toEqual([]);
    expect(found('')).toEqual([]);
  });

  it.each([
    ['as it is', `password=${secret.value};`],
    ['in JSON', JSON.stringify({ password: secret.value })],
    ['in JSON in a line of JSON', JSON.stringify({ message: JSON.stringify({ password: secret.value }) })],
    ['in a query', `https://x.example/?password=${encodeURIComponent(secret.value)}&a=b`],
    ['in a form', new URLSearchParams({ password: secret.value }).toString()],
    ['in hexadecimal digits', Buffer.from(`x${secret.value}`).toString('hex')],
    ['in base64', Buffer.from(secret.value).toString('base64')],
    ['in base64, one byte in', Buffer.from(`x${secret.value} and more`).toString('base64')],
    ['in base64, two bytes in', Buffer.from(`xy${secret.value}.`).toString('base64')],
    ['in base64 of URLs', Buffer.from(`{"a":"${secret.value}"}`).toString('base64url')],
  ])('finds it %s', (_, text) => {
    expect(found(text)).toEqual(['log: password']);
  });
});
