import { describe, expect, it } from 'vitest';
import type { Preview } from '../../shared/domain/approval.ts';
import { instant } from '../../shared/domain/instant.ts';
import { hasDrifted, previewOf } from '../../shared/domain/preview.ts';

const then = instant('2026-11-21T20:12:30.000Z');
const later = instant('2026-11-21T20:30:00.000Z');
const present = previewOf({ state: 'present', body: { sku: 'Standard_LRS', tags: { environment: 'prod' } } }, 'salt', then);
const absent: Preview = { state: 'absent', readAt: then };
const unreadable: Preview = { state: 'unreadable', reason: 'forbidden', readAt: then };

describe('the target has drifted', () => {
  it.each<[string, Preview, Preview]>([
    [
      'where a value changed',
      present,
      previewOf({ state: 'present', body: { sku: 'Premium_LRS', tags: { environment: 'prod' } } }, 'salt', later),
    ],
    ['where it is gone', present, { state: 'absent', readAt: later }],
    ['where it can no longer be read', present, { state: 'unreadable', reason: 'throttled', readAt: later }],
    ['where it has come to be', absent, { ...present, readAt: later }],
    ['where nobody can say that it is still absent', absent, unreadable],
  ])('%s', (_, shown, now) => {
    expect(hasDrifted(shown, now)).toBe(true);
  });
});

describe('the target has not drifted', () => {
  it.each<[string, Preview, Preview]>([
    [
      'where only the order of names changed',
      present,
      previewOf({ state: 'present', body: { tags: { environment: 'prod' }, sku: 'Standard_LRS' } }, 'salt', later),
    ],
    ['where it is still absent', absent, { state: 'absent', readAt: later }],
    ['where the approvers could not see it either', unreadable, present],
  ])('%s', (_, shown, now) => {
    expect(hasDrifted(shown, now)).toBe(false);
  });
});

describe('a preview', () => {
  it('is another with another salt, so that a state cannot be guessed from it', () => {
    const body = { publicNetworkAccess: 'Enabled' };
    expect(previewOf({ state: 'present', body }, 'one', then)).not.toEqual(previewOf({ state: 'present', body }, 'two', then));
  });

  it('holds no value of the target', () => {
    expect(JSON.stringify(present)).not.toContain('Standard_LRS');
  });

  it('says why the target could not be read', () => {
    expect(previewOf({ state: 'unreadable', reason: 'forbidden' }, 'salt', then)).toEqual(unreadable);
    expect(previewOf({ state: 'absent' }, 'salt', then)).toEqual(absent);
  });
});
