import { describe, expect, it } from 'vitest';
import { instant } from '../../shared/domain/instant.ts';
import type { IndexEntry, IndexPage, IndexQuery, OperationIndex } from '../../shared/ports/operation-index.ts';
import { agent, idsOf, operationIdOf, resourceId } from './sample-operation.ts';

/** What every {@link OperationIndex} does; each test gets an empty one. */
export function describeOperationIndex(name: string, makeEmpty: () => Promise<OperationIndex>): void {
  describe(`${name} as an operation index`, () => {
    describePut(makeEmpty);
    describeQuery(makeEmpty);
    describeContinuation(makeEmpty);
    describeOldestWaiting(makeEmpty);
  });
}

const freshId = idsOf('index');

export function entryOf(changes: Partial<IndexEntry> = {}): IndexEntry {
  return {
    id: freshId(),
    sequence: 3,
    status: 'awaitingApproval',
    action: 'microsoft.storage/storageaccounts/delete',
    agentId: agent.id,
    agentName: agent.name,
    riskLevel: 'high',
    resourceId,
    createdAt: instant('2026-11-21T20:12:00.000Z'),
    updatedAt: instant('2026-11-21T20:12:00.000Z'),
    ...changes,
  };
}

async function filled(index: OperationIndex, entries: readonly IndexEntry[]): Promise<OperationIndex> {
  await Promise.all(entries.map((entry) => index.put(entry)));
  return index;
}

async function page(index: OperationIndex, query: IndexQuery): Promise<IndexPage> {
  const found = await index.query(query);
  if (found === 'badContinuation') throw new Error('bad continuation');
  return found;
}

async function listed(index: OperationIndex, query: Partial<IndexQuery> = {}): Promise<readonly IndexEntry[]> {
  return (await page(index, { top: 1000, ...query })).entries;
}

function describePut(makeEmpty: () => Promise<OperationIndex>): void {
  describe('putting', () => {
    it('never replaces an entry by an older one', async () => {
      const index = await makeEmpty();
      const newer = entryOf({ sequence: 5, status: 'approved' });
      await index.put(newer);
      await index.put({ ...newer, sequence: 3, status: 'awaitingApproval' });
      expect(await listed(index)).toEqual([newer]);
    });

    it('changes nothing by the same entry again', async () => {
      const index = await makeEmpty();
      const entry = entryOf();
      await index.put(entry);
      await index.put(entry);
      expect(await listed(index)).toEqual([entry]);
    });

    it('keeps the newest of what many writers put at once', async () => {
      const entry = entryOf();
      const index = await filled(
        await makeEmpty(),
        [4, 9, 3, 10, 5, 8, 6, 7].map((sequence) => ({ ...entry, sequence, status: sequence === 10 ? 'succeeded' : 'executing' })),
      );
      expect(await listed(index)).toEqual([{ ...entry, sequence: 10, status: 'succeeded' }]);
      expect(await index.oldestWaiting()).toBeUndefined();
    });
  });
}

function describeQuery(makeEmpty: () => Promise<OperationIndex>): void {
  describe('querying', () => {
    it.each([0, -1, 1.5, 1001, Number.NaN])('refuses a top of %d', async (top) => {
      const index = await makeEmpty();
      await expect(index.query({ top })).rejects.toThrow(RangeError);
    });

    it('lists nothing where there is nothing', async () => {
      expect(await page(await makeEmpty(), { top: 10 })).toEqual({ entries: [] });
    });

    it('takes what is asked for as text, not as a filter', async () => {
      const index = await filled(await makeEmpty(), [entryOf()]);
      expect(await listed(index, { action: "x' or action ne 'x" })).toEqual([]);
    });

    it('lists the newest first, over days and shards, and ids of one millisecond in their order', async () => {
      const newestFirst = ['2026-11-21T00:00:00.000Z', '2026-11-20T23:59:59.999Z', '2026-01-01T00:00:00.000Z', '2025-12-31T23:59:59.999Z'];
      const expected = newestFirst.flatMap((at, day) =>
        ['a', 'b', 'c', 'd'].map((letter) => entryOf({ id: operationIdOf(`${letter}${'xyz2'[day]}`), createdAt: instant(at) })),
      );
      const index = await filled(await makeEmpty(), expected.toReversed());
      expect(await listed(index)).toEqual(expected);
    });

    it('lists what was created from an instant on', async () => {
      const [before, at] = [
        entryOf({ createdAt: instant('2026-11-20T23:59:59.999Z') }),
        entryOf({ createdAt: instant('2026-11-21T00:00:00.000Z') }),
      ];
      const index = await filled(await makeEmpty(), [before, at]);
      expect(await listed(index, { from: instant('2026-11-21T00:00:00.000Z') })).toEqual([at]);
    });

    it('lists what was created before an instant', async () => {
      const [before, at] = [
        entryOf({ createdAt: instant('2026-11-20T23:59:59.999Z') }),
        entryOf({ createdAt: instant('2026-11-21T00:00:00.000Z') }),
      ];
      const index = await filled(await makeEmpty(), [before, at]);
      expect(await listed(index, { to: instant('2026-11-21T00:00:00.000Z') })).toEqual([before]);
    });

    it('lists by status, agent and action at once', async () => {
      const wanted = entryOf({ status: 'failed', agentId: 'a', action: 'x/read' });
      const others = [{ ...wanted, status: 'denied' } as const, { ...wanted, agentId: 'b' }, { ...wanted, action: 'x/write' }];
      const index = await filled(await makeEmpty(), [wanted, ...others.map((entry) => ({ ...entry, id: freshId() }))]);
      expect(await listed(index, { status: 'failed', agentId: 'a', action: 'x/read' })).toEqual([wanted]);
    });
  });
}

function describeContinuation(makeEmpty: () => Promise<OperationIndex>): void {
  const entries = Array.from({ length: 23 }, (_, minute) =>
    entryOf({
      createdAt: instant(`2026-11-21T20:${String(Math.floor(minute / 2)).padStart(2, '0')}:00.000Z`),
      agentId: minute % 2 === 0 ? 'even' : 'odd',
    }),
  );

  describe('continuing', () => {
    it.each([
      ['no text', ''],
      ['no base64url', '***'],
      ['no JSON', Buffer.from('{').toString('base64url')],
      ['another shape', Buffer.from('{"version":1}').toString('base64url')],
      ['a path', '../../operations'],
      ['a long text', 'A'.repeat(100_000)],
    ])('refuses a token that is %s', async (_, continuationToken) => {
      const index = await makeEmpty();
      expect(await index.query({ top: 10, continuationToken })).toBe('badContinuation');
    });

    it.each<[string, Partial<IndexQuery>]>([
      ['another agent', { agentId: 'odd' }],
      ['no agent', {}],
      ['a status', { agentId: 'even', status: 'failed' }],
      ['a time', { agentId: 'even', to: instant('2026-11-21T20:10:00.000Z') }],
    ])('refuses the token of a query for one agent in a query for %s', async (_, other) => {
      const index = await filled(await makeEmpty(), entries);
      const { continuationToken = '' } = await page(index, { top: 2, agentId: 'even' });
      expect(await index.query({ top: 2, ...other, continuationToken })).toBe('badContinuation');
    });

    it.each([1, 5, 22, 23])('lists everything once by pages of %i', async (top) => {
      const index = await filled(await makeEmpty(), entries);
      const all: IndexEntry[] = [];
      let token: { readonly continuationToken?: string } = {};
      do {
        const next = await page(index, { top, ...token });
        expect(next.entries.length).toBeLessThanOrEqual(top);
        all.push(...next.entries);
        token = next.continuationToken === undefined ? {} : { continuationToken: next.continuationToken };
      } while (token.continuationToken !== undefined);
      expect(all).toEqual(await listed(index));
      expect(all).toHaveLength(23);
    });

    it('skips nothing where a newer entry came in between two pages', async () => {
      const index = await filled(await makeEmpty(), entries);
      const before = await listed(index);
      const first = await page(index, { top: 10 });
      await index.put(entryOf({ createdAt: instant('2026-11-21T21:00:00.000Z') }));
      const { entries: rest } = await page(index, { top: 1000, continuationToken: first.continuationToken ?? '' });
      expect([...first.entries, ...rest]).toEqual(before);
    });

    it('gives no token after the last page', async () => {
      const index = await filled(await makeEmpty(), entries);
      expect(await page(index, { top: 23 })).not.toHaveProperty('continuationToken');
    });
  });
}

function describeOldestWaiting(makeEmpty: () => Promise<OperationIndex>): void {
  describe('the oldest waiting operation', () => {
    it('is none where there is none', async () => {
      expect(await (await makeEmpty()).oldestWaiting()).toBeUndefined();
    });

    it.each(['succeeded', 'failed', 'outcomeUnknown', 'denied', 'rejected', 'expired', 'cancelled'] as const)(
      'is none that is %s',
      async (status) => {
        const entry = entryOf();
        const index = await filled(await makeEmpty(), [entry]);
        await index.put({ ...entry, sequence: 9, status });
        expect(await index.oldestWaiting()).toBeUndefined();
      },
    );

    it('is the one created first of those that have not ended, as it is now', async () => {
      const ended = entryOf({ status: 'denied', createdAt: instant('2026-11-01T00:00:00.000Z') });
      const oldest = entryOf({ createdAt: instant('2026-11-02T00:00:00.000Z') });
      const younger = Array.from({ length: 20 }, () => entryOf({ createdAt: instant('2026-11-03T00:00:00.000Z') }));
      const index = await filled(await makeEmpty(), [...younger, oldest, ended]);
      await index.put({ ...oldest, sequence: 4, status: 'approved' });
      expect(await index.oldestWaiting()).toEqual({ ...oldest, sequence: 4, status: 'approved' });
    });

    it('does not wait again by an older entry that came late', async () => {
      const entry = entryOf({ sequence: 9, status: 'succeeded' });
      const index = await filled(await makeEmpty(), [entry]);
      await index.put({ ...entry, sequence: 3, status: 'awaitingApproval' });
      expect(await index.oldestWaiting()).toBeUndefined();
    });
  });
}
