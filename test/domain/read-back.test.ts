import { describe, expect, it } from 'vitest';
import type { TargetBefore } from '../../shared/domain/event.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import type { TargetState } from '../../shared/domain/preview.ts';
import { isAsAsked, isSettled, judgeTarget, nextReadingAt, type SentCall, targetBefore } from '../../shared/domain/read-back.ts';
import { operations } from './sample-operation.ts';

const salt = 'salt';
const asked = { location: 'westeurope', properties: { size: 2 } };
const absent: TargetState = { state: 'absent' };
const unreadable: TargetState = { state: 'unreadable', reason: 'The reader identity may not read this.' };
const present = (properties: JsonValue, etag = '1'): TargetState => ({
  state: 'present',
  body: { etag, location: 'West Europe', properties },
});

const small = present({ size: 1, provisioningState: 'Succeeded' });
const put: SentCall = { method: 'PUT', body: asked, before: targetBefore(small, salt, asked), salt, accepted: false };
const deletion: SentCall = { ...put, method: 'DELETE', body: undefined };

describe('a deletion', () => {
  it.each<[string, Partial<SentCall>, TargetState, string]>([
    ['of what cannot be read', {}, unreadable, 'unclear'],
    ['of what is still there', {}, small, 'unclear'],
    ['of what was never seen', { before: undefined }, absent, 'unclear'],
    ['of what was not there before', { before: { state: 'absent' } }, absent, 'unclear'],
    ['of what could not be read before', { before: { state: 'unreadable' } }, absent, 'unclear'],
    ['of what was there and is gone', {}, absent, 'happened'],
    ['that Azure took, of what is gone', { before: { state: 'unreadable' }, accepted: true }, absent, 'happened'],
  ])('%s', (_, changes, now, kind) => {
    expect(judgeTarget({ ...deletion, ...changes }, now).kind).toBe(kind);
  });
});

describe('a PUT', () => {
  const large = present({ size: 2, provisioningState: 'Succeeded' }, '2');
  const wasAsAsked: TargetBefore = targetBefore(large, salt, asked);

  it.each<[string, Partial<SentCall>, TargetState, string]>([
    ['of what cannot be read', {}, unreadable, 'unclear'],
    ['of what was there and is gone', {}, absent, 'unclear'],
    ['of what Azure still works on', {}, present({ size: 2, provisioningState: 'Updating' }, '2'), 'unclear'],
    ['of what somebody changed otherwise', {}, present({ size: 3, provisioningState: 'Succeeded' }, '2'), 'unclear'],
    ['whose body cannot be read any more', { body: undefined }, large, 'unclear'],
    ['of what was as asked before, and was written since', { before: wasAsAsked }, present({ size: 2, more: 1 }, '3'), 'unclear'],
    ['of what was not seen before', { before: undefined }, large, 'unclear'],
    ['of what failed to be provisioned, perhaps by another call', {}, present({ size: 2, provisioningState: 'Failed' }, '2'), 'unclear'],
    ['that Azure took, of what failed to be provisioned', { accepted: true }, present({ provisioningState: 'Failed' }, '2'), 'failed'],
    ['that made it as asked', {}, large, 'happened'],
    ['that created it', { before: { state: 'absent' } }, large, 'happened'],
    ['that Azure took, of what is as asked', { before: undefined, accepted: true }, large, 'happened'],
    ['of what is to the letter as before', {}, small, 'untouched'],
    ['of what is to the letter as before and was as asked', { before: wasAsAsked }, large, 'untouched'],
    ['of what is not there, as before', { before: { state: 'absent' } }, absent, 'untouched'],
  ])('%s', (_, changes, now, kind) => {
    expect(judgeTarget({ ...put, ...changes }, now).kind).toBe(kind);
  });

  it('of what was written since is not untouched, although only its etag tells', () => {
    expect(judgeTarget(put, present({ size: 1, provisioningState: 'Succeeded' }, '2')).kind).toBe('unclear');
  });
});

it.each(['POST', 'PATCH'] as const)('what a %s did cannot be seen by reading the target', (method) => {
  expect(judgeTarget({ ...put, method }, present({ size: 2 }, '2')).kind).toBe('unclear');
});

describe('a target is not as asked', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['where something is missing', { a: 1 }, { a: 1, b: 2 }],
    ['where a value differs', { a: 1 }, { a: 2 }],
    ['where a list has one more', { a: [1, 2] }, { a: [1] }],
    ['where a list is in another order', { a: [2, 1] }, { a: [1, 2] }],
    ['where a number is a text', { a: '1' }, { a: 1 }],
    ['where something is that should not be', { a: 1 }, { a: null }],
    ['where a secret was sent, which is never read back', { user: 'u' }, { user: 'u', adminPassword: 'hunter2' }],
    ['where a text differs in case', { a: 'X' }, { a: 'x' }],
  ])('%s', (_, actual, body) => {
    expect(isAsAsked(actual, body)).toBe(false);
  });
});

describe('a target is as asked', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['where it has more', { a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }],
    ['where names differ in case', { Properties: { Size: 1 } }, { properties: { size: 1 } }],
    ['where the place is written otherwise', { location: 'westeurope' }, { location: 'West Europe' }],
    ['where nothing is that should not be', { a: 1 }, { a: 1, b: null }],
    [
      'whatever Azure sets by itself',
      { properties: { size: 1, provisioningState: 'Succeeded' } },
      { etag: '9', properties: { size: 1, provisioningState: 'Creating' } },
    ],
  ])('%s', (_, actual, body) => {
    expect(isAsAsked(actual, body)).toBe(true);
  });
});

it('what was before holds no value of the target', () => {
  expect(JSON.stringify(targetBefore(small, salt, asked))).not.toContain('West');
});

describe('readings', () => {
  const operation = operations.readingBack;
  if (operation.status !== 'executing' || operation.phase !== 'readingBack') throw new TypeError('the sample is another');
  const delays = [5_000, 15_000, 40_000];

  it.each([
    ['2026-11-21T20:21:00.000Z', '2026-11-21T20:21:05.000Z'],
    ['2026-11-21T20:21:05.000Z', '2026-11-21T20:21:20.000Z'],
    ['2026-11-21T20:21:21.000Z', '2026-11-21T20:22:00.000Z'],
    ['2026-11-21T20:22:00.000Z', undefined],
  ])('after one at %s the next is at %s', (now, next) => {
    expect(nextReadingAt(operation, delays, instant(now))).toBe(next);
  });

  it('say that a call is no longer on its way after a quarter of the time', () => {
    expect(isSettled(operation, instant('2026-11-21T20:24:44.999Z'))).toBe(false);
    expect(isSettled(operation, instant('2026-11-21T20:24:45.000Z'))).toBe(true);
  });
});
