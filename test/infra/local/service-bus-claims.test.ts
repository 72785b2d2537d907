import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConnectionClaims, verifySasToken } from '../../../infra/local/service-bus/claims.ts';

const rule = { keyName: 'local', key: 'a-key' };
const hosts = ['localhost:5672'];
const now = Date.UTC(2026, 0, 5, 9, 0, 0);
const nineThirty = Date.UTC(2026, 0, 5, 9, 30, 0) / 1000;
const queue = 'sb://localhost:5672/jobs';

/** A token as Service Bus clients make it. Source: "Generate a Shared Access Signature token". */
function token(options: { resource?: string; expiry?: number | string; key?: string; keyName?: string } = {}): string {
  const resource = encodeURIComponent(options.resource ?? queue);
  const expiry = options.expiry ?? nineThirty;
  const signature = createHmac('sha256', options.key ?? rule.key)
    .update(`${resource}\n${expiry}`)
    .digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${options.keyName ?? rule.keyName}`;
}

function verify(text: string, audience = queue) {
  return verifySasToken(text, audience, rule, hosts, now);
}

describe('shared access tokens', () => {
  it.each([
    ['a token of another kind', 'Bearer abc'],
    ['an empty token', ''],
    ['a token without signature', `SharedAccessSignature sr=${encodeURIComponent(queue)}&se=${nineThirty}&skn=local`],
    ['a field given twice', `${token()}&se=9999999999`],
    ['an expiry that is not a number', token({ expiry: 'never' })],
    ['a broken encoding', token().replace('sr=', 'sr=%')],
  ])('refuses %s as malformed', (_, text) => {
    expect(verify(text)).toEqual({ kind: 'refused', description: 'MalformedToken: the token is not a shared access signature.' });
  });

  it.each([
    ['another key', token({ key: 'another-key' })],
    ['the name of another rule', token({ keyName: 'root' })],
    ['an expiry that was moved', token().replace(`se=${nineThirty}`, `se=${nineThirty + 1}`)],
    ['a resource that was changed', token().replace('jobs', 'jobs2')],
    ['a signature that was cut', token().replace(/sig=[^&]{4}/, 'sig=')],
  ])('refuses a token with %s', (_, text) => {
    expect(verify(text)).toEqual({ kind: 'refused', description: 'InvalidSignature: The token has an invalid signature.' });
  });

  it('refuses a token at the second of its expiry', () => {
    expect(verify(token({ expiry: now / 1000 }))).toEqual({ kind: 'refused', description: 'ExpiredToken: The token is expired.' });
    expect(verify(token({ expiry: now / 1000 + 1 })).kind).toBe('granted');
  });

  it.each([
    ['a sibling', 'sb://localhost:5672/other'],
    ['a name that only starts alike', 'sb://localhost:5672/jobs2'],
    ['what lies above', 'sb://localhost:5672/'],
  ])('refuses a token for a queue when it is shown for %s', (_, audience) => {
    expect(verify(token(), audience)).toEqual({ kind: 'refused', description: 'InvalidAudience: The token does not cover the audience.' });
  });

  it('refuses an audience of another namespace', () => {
    const resource = 'sb://elsewhere.example/jobs';
    expect(verify(token({ resource }), resource)).toEqual({
      kind: 'refused',
      description: 'InvalidAudience: The audience is not served here.',
    });
  });

  it('grants the audience until the expiry, without regard to case', () => {
    expect(verify(token({ resource: 'sb://LOCALHOST:5672/Jobs' }), 'sb://localhost:5672/JOBS')).toEqual({
      kind: 'granted',
      grant: { path: 'jobs', expiresAt: Date.UTC(2026, 0, 5, 9, 30, 0) },
    });
  });

  it.each([
    ['the namespace', 'sb://localhost:5672/'],
    ['the queue above', queue],
  ])('grants an audience to a token for %s', (_, resource) => {
    expect(verify(token({ resource }), 'sb://localhost:5672/jobs/$management')).toMatchObject({
      kind: 'granted',
      grant: { path: 'jobs/$management' },
    });
  });
});

describe('claims of a connection', () => {
  it('allow nothing at first', () => {
    expect(new ConnectionClaims().allow('jobs', now)).toBe(false);
    expect(new ConnectionClaims().nextExpiry(now)).toBeUndefined();
  });

  it('allow the granted path and what lies below until the grant ends', () => {
    const claims = new ConnectionClaims();
    claims.add({ path: 'jobs', expiresAt: now + 1_000 });
    expect(claims.allow('jobs', now + 999)).toBe(true);
    expect(claims.allow('jobs/$deadletterqueue', now)).toBe(true);
    expect(claims.allow('jobs2', now)).toBe(false);
    expect(claims.allow('jobs', now + 1_000)).toBe(false);
  });

  it('are prolonged by a newer grant', () => {
    const claims = new ConnectionClaims();
    claims.add({ path: 'jobs', expiresAt: now + 1_000 });
    claims.add({ path: 'other', expiresAt: now + 2_000 });
    expect(claims.nextExpiry(now)).toBe(now + 1_000);
    claims.add({ path: 'jobs', expiresAt: now + 3_000 });
    expect(claims.nextExpiry(now)).toBe(now + 2_000);
    expect(claims.allow('jobs', now + 2_999)).toBe(true);
  });
});
