import { describe, expect, it } from 'vitest';
import type { SecretBefore } from '../../../shared/domain/event.ts';
import { type Instant, instant } from '../../../shared/domain/instant.ts';
import { judgeSecret } from '../../../shared/domain/secrets/read-back-secret.ts';
import type { SecretMethod } from '../../../shared/domain/secrets/secret-request.ts';
import type { SecretProperties, SecretState } from '../../../shared/domain/secrets/secret-state.ts';

const from = instant('2026-11-21T20:12:00.000Z');
const to = instant('2026-11-21T20:12:10.000Z');
const timeless = { name: 'db-password', enabled: true, tags: {}, managed: false } as const;
const [first, second, third] = ['1'.repeat(32), '2'.repeat(32), '3'.repeat(32)] as const;

function version(id: string, created: Instant = from): SecretProperties {
  return { ...timeless, version: id, created };
}

/** Newest first, as they are read. */
function present(newest: SecretProperties, ...older: readonly SecretProperties[]): SecretState {
  return { state: 'present', versions: [newest, ...older] };
}

const absent: SecretState = { state: 'absent' };
const deleted: SecretState = { state: 'deleted', secret: version(first) };
const wasPresent: SecretBefore = { state: 'secretPresent', newest: first, versions: 1 };
const wasDeleted: SecretBefore = { state: 'secretDeleted' };
const wasAbsent: SecretBefore = { state: 'absent' };

function verdict(method: SecretMethod, before: SecretBefore | undefined, now: SecretState): string {
  return judgeSecret({ method, before, from, to }, now).kind;
}

describe('a call of a secret whose answer is lost is not decided', () => {
  it.each<[string, SecretMethod, SecretBefore | undefined, SecretState]>([
    ['the secret cannot be read', 'delete', wasPresent, { state: 'unreadable', reason: 'away' }],
    ['nobody knows what it was before', 'delete', undefined, deleted],
    ['it could not be read before', 'delete', { state: 'unreadable' }, deleted],
    ['a set follows a deletion', 'set', wasDeleted, present(version(second))],
    ['a set is followed by a deletion', 'set', wasPresent, deleted],
    ['a set finds two new versions', 'set', wasPresent, present(version(third), version(second), version(first))],
    [
      'a set finds a version from before its time',
      'set',
      wasPresent,
      present(version(second, instant('2026-11-21T20:10:59.000Z')), version(first)),
    ],
    [
      'a set finds a version from after its time',
      'set',
      wasPresent,
      present(version(second, instant('2026-11-21T20:13:11.000Z')), version(first)),
    ],
    ['a set finds a version of no time', 'set', wasAbsent, present({ ...timeless, version: second })],
    ['a set no longer finds what was there', 'set', wasPresent, present(version(second))],
    ['a set finds other old versions', 'set', wasPresent, present(version(second), version(first), version(third))],
    ['a deletion finds it there', 'delete', wasPresent, present(version(first))],
    ['a deletion was of nothing', 'delete', wasAbsent, absent],
    ['a recovery was of what was there', 'recover', wasPresent, present(version(first))],
    ['a recovery finds it deleted', 'recover', wasDeleted, deleted],
    ['a recovery finds nothing', 'recover', wasDeleted, absent],
    ['a purge was of what was not deleted', 'purge', wasPresent, absent],
    ['a purge finds it deleted', 'purge', wasDeleted, deleted],
    ['a purge finds it there', 'purge', wasDeleted, present(version(first))],
    ['it changes nothing', 'get', wasPresent, present(version(first))],
  ])('where %s', (_, method, before, now) => {
    expect(verdict(method, before, now)).toBe('unclear');
  });
});

describe('a call of a secret whose answer is lost happened', () => {
  it.each<[string, SecretMethod, SecretBefore, SecretState]>([
    ['a set left one version of its time', 'set', wasPresent, present(version(second), version(first))],
    ['a set made the secret', 'set', wasAbsent, present(version(first))],
    ['a deletion left it deleted', 'delete', wasPresent, deleted],
    ['a deletion was followed by a purge', 'delete', wasPresent, absent],
    ['a recovery brought it back', 'recover', wasDeleted, present(version(first))],
    ['a purge left nothing', 'purge', wasDeleted, absent],
  ])('where %s', (_, method, before, now) => {
    expect(verdict(method, before, now)).toBe('happened');
  });
});

it.each<[SecretBefore, SecretState]>([
  [wasPresent, present(version(first))],
  [wasAbsent, absent],
])('a set that left no version is untouched', (before, now) => {
  expect(verdict('set', before, now)).toBe('untouched');
});
