import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../shared/domain/json.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import { type DocumentName, type OperationStore, type StoredOperation, StoreError } from '../../shared/ports/operation-store.ts';
import { firstCommit, furtherCommit, idsOf, refusedVote } from './sample-operation.ts';

/** A store, and what somebody with access to the storage behind it could do. */
export type OperationStoreHarness = {
  readonly store: OperationStore;
  rewriteEvent(id: OperationId, sequence: number, rewrite: (text: string) => string): Promise<void>;
  moveDocument(from: OperationId, to: OperationId, name: DocumentName): Promise<void>;
};

/** What every {@link OperationStore} does; ids are unique to a test, so that one storage serves all of them. */
export function describeOperationStore(name: string, harness: () => OperationStoreHarness): void {
  describe(`${name} as an operation store`, () => {
    describeCreate(harness);
    describeAppend(harness);
    describeTampering(harness);
    describeDocuments(harness);
  });
}

const freshId = idsOf('contract');

async function created(store: OperationStore, id = freshId()): Promise<StoredOperation> {
  expect(await store.create(firstCommit(id))).toBe('committed');
  return stored(store, id);
}

async function stored(store: OperationStore, id: OperationId): Promise<StoredOperation> {
  const found = await store.read(id);
  if (found === undefined) throw new Error(`${id} is not there`);
  return found;
}

async function codeOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
    return 'no error';
  } catch (error) {
    return error instanceof StoreError ? error.code : `another error: ${String(error)}`;
  }
}

const twenty = Array.from({ length: 20 }, (_, index) => `racer ${index}`);

function describeCreate(harness: () => OperationStoreHarness): void {
  describe('creating', () => {
    it('refuses a commit without events', async () => {
      const commit = { ...firstCommit(freshId()), events: [] };
      await expect(harness().store.create(commit)).rejects.toThrow(RangeError);
    });

    it('refuses events that lead to another operation', async () => {
      const commit = { ...firstCommit(freshId()), operation: firstCommit(freshId()).operation };
      await expect(harness().store.create(commit)).rejects.toThrow(RangeError);
    });

    it('refuses a chain that does not start at its first event', async () => {
      const { operation, events, documents } = firstCommit(freshId());
      await expect(harness().store.create({ operation, events: events.slice(1), documents })).rejects.toThrow(RangeError);
    });

    it('writes nothing over an operation that exists', async () => {
      const { store } = harness();
      const { operation, events } = await created(store);
      expect(await store.create(firstCommit(operation.id, 'another'))).toBe('exists');
      expect((await stored(store, operation.id)).events).toEqual(events);
    });

    it('tells a second writer of the very same content that it exists', async () => {
      const { store } = harness();
      const { operation } = await created(store);
      expect(await store.create(firstCommit(operation.id))).toBe('exists');
    });

    it('lets exactly one of 20 racers win, and keeps what that one wrote', async () => {
      const { store } = harness();
      const id = freshId();
      const outcomes = await Promise.all(twenty.map((racer) => store.create(firstCommit(id, racer))));
      const winner = twenty[outcomes.indexOf('committed')];
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
      expect((await stored(store, id)).events).toEqual(firstCommit(id, winner).events);
    });

    it('lets exactly one of 20 racers win where all write the same', async () => {
      const { store } = harness();
      const id = freshId();
      const outcomes = await Promise.all(twenty.map(() => store.create(firstCommit(id))));
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
    });

    it('reads back the operation and its events as they were', async () => {
      const { store } = harness();
      const commit = firstCommit(freshId());
      await store.create(commit);
      expect(await stored(store, commit.operation.id)).toMatchObject({ operation: commit.operation, events: commit.events });
    });

    it('finds no operation that was never created', async () => {
      const { store } = harness();
      const id = freshId();
      expect([await store.read(id), await store.readDocument(id, 'request')]).toEqual([undefined, undefined]);
    });

    it.each(['', 'op_', "op_' or PartitionKey ne '", '../operations', 'x'.repeat(2000)])(
      'finds no operation by the text "%s"',
      async (text) => {
        const { store } = harness();
        expect([await store.read(text), await store.readDocument(text, 'request')]).toEqual([undefined, undefined]);
      },
    );
  });
}

function describeAppend(harness: () => OperationStoreHarness): void {
  describe('appending', () => {
    it('refuses events that do not continue what was read', async () => {
      const { store } = harness();
      const [one, two] = [await created(store), await created(store)];
      await expect(store.append(one, furtherCommit(two, [refusedVote]))).rejects.toThrow(RangeError);
    });

    it('writes nothing over what somebody else wrote since it was read', async () => {
      const { store } = harness();
      const read = await created(store);
      await store.append(read, furtherCommit(read, [{ kind: 'cancelled' }]));
      expect(await store.append(read, furtherCommit(read, [refusedVote]))).toBe('conflict');
      expect((await stored(store, read.operation.id)).operation.status).toBe('cancelled');
    });

    it('tells a second writer of the very same event that it conflicts', async () => {
      const { store } = harness();
      const read = await created(store);
      const commit = furtherCommit(read, [refusedVote]);
      expect([await store.append(read, commit), await store.append(read, commit)]).toEqual(['committed', 'conflict']);
    });

    it('conflicts where the operation is not there', async () => {
      const { store } = harness();
      const read = await created(store);
      const commit = firstCommit(freshId());
      const elsewhere = { operation: commit.operation, events: commit.events, version: read.version };
      expect(await store.append(elsewhere, furtherCommit(elsewhere, [refusedVote]))).toBe('conflict');
    });

    it('lets exactly one of 20 racers win', async () => {
      const { store } = harness();
      const read = await created(store);
      const racers = twenty.map((name) => furtherCommit(read, [{ ...refusedVote, voter: { id: name, name } }]));
      const outcomes = await Promise.all(racers.map((commit) => store.append(read, commit)));
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
      expect((await stored(store, read.operation.id)).events.slice(3)).toEqual(racers[outcomes.indexOf('committed')]?.events);
    });

    it('lets exactly one of 20 racers win where all write the same', async () => {
      const { store } = harness();
      const read = await created(store);
      const commit = furtherCommit(read, [refusedVote]);
      const outcomes = await Promise.all(twenty.map(() => store.append(read, commit)));
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1);
    });

    it('writes several events at once, and the next on top of them', async () => {
      const { store } = harness();
      const first = await created(store);
      await store.append(first, furtherCommit(first, [refusedVote, refusedVote]));
      const second = await stored(store, first.operation.id);
      await store.append(second, furtherCommit(second, [{ kind: 'cancelled' }]));
      const { operation, events } = await stored(store, first.operation.id);
      expect([operation.status, operation.refusedVotes, events.length]).toEqual(['cancelled', 2, 6]);
    });
  });
}

function describeTampering(harness: () => OperationStoreHarness): void {
  describe('reading what somebody tampered with', () => {
    it.each<[string, number, (text: string) => string]>([
      ['an event that says something else', 1, (text) => text.replace('no longer needed', 'still needed')],
      ['a hash that says something else', 3, (text) => text.replace(/"hash":"sha256:./, '"hash":"sha256:z')],
      ['an event of another sequence', 2, (text) => text.replace('"sequence":2', '"sequence":3')],
      ['an event of a kind that we do not know', 2, (text) => text.replace('"kind":"assessed"', '"kind":"approvedByMe"')],
      ['a text that is no event', 2, () => '{}'],
      ['half a text', 2, (text) => text.slice(0, 100)],
      ['no text', 2, () => ''],
    ])('does not take %s', async (_, sequence, rewrite) => {
      const { store, rewriteEvent } = harness();
      const { operation } = await created(store);
      await rewriteEvent(operation.id, sequence, rewrite);
      expect(await codeOf(store.read(operation.id))).toBe('corrupt');
    });

    it('does not open a document of another operation', async () => {
      const { store, moveDocument } = harness();
      const [from, to] = [freshId(), freshId()];
      await store.create(firstCommit(from, 'one', [{ name: 'request', value: { secret: 1 } }]));
      await store.create(firstCommit(to, 'one', [{ name: 'request', value: { secret: 2 } }]));
      await moveDocument(from, to, 'request');
      expect(await codeOf(store.readDocument(to, 'request'))).toBe('corrupt');
    });
  });
}

/** Lengths around the 30,000 UTF-16 units of one column; the emoji, a surrogate pair, lies across the edge. */
const boundaries: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['text just over one column', 'x'.repeat(30_001)],
  ['an emoji across the edge of a column', `${'x'.repeat(29_999)}😀${'y'.repeat(29_999)}😀`],
  ['emoji only', '😀'.repeat(20_000)],
  [
    'what an emulator or a store may stumble over',
    '\u2028 } HTTP/1.1 \u0000 --changeset_ \r\n\r\n DELETE \u007f \ufffe "\\" \u00e9 GET http://x',
  ],
];

function describeDocuments(harness: () => OperationStoreHarness): void {
  describe('keeping documents', () => {
    it('refuses two documents of one name in one commit', async () => {
      const commit = firstCommit(freshId(), 'one', [
        { name: 'request', value: 1 },
        { name: 'request', value: 2 },
      ]);
      await expect(harness().store.create(commit)).rejects.toThrow(RangeError);
    });

    it.each(boundaries)('gives back an event and a document that hold %s', async (_, text) => {
      const { store } = harness();
      const first = await created(store);
      const value = { [text]: [text] };
      const commit = furtherCommit(first, [{ ...refusedVote, voter: { id: 'p', name: text } }], [{ name: 'result', value }]);
      await store.append(first, commit);
      expect((await stored(store, first.operation.id)).events.at(-1)).toEqual(commit.events.at(-1));
      expect(await store.readDocument(first.operation.id, 'result')).toEqual(value);
    });

    it.each<[string, JsonValue]>([
      ['null', null],
      ['false', false],
      ['a number', -1.5e-7],
      ['an empty object', {}],
      ['the name __proto__', JSON.parse('{"__proto__":{"polluted":true}}')],
      ['64 levels', JSON.parse(`${'['.repeat(64)}${']'.repeat(64)}`)],
    ])('gives back %s', async (_, value) => {
      const { store } = harness();
      const id = freshId();
      await store.create(firstCommit(id, 'one', [{ name: 'request', value }]));
      expect(await store.readDocument(id, 'request')).toEqual(value);
    });

    it('keeps documents of different names apart', async () => {
      const { store } = harness();
      const first = await created(store);
      const { id } = first.operation;
      await store.append(
        first,
        furtherCommit(
          first,
          [refusedVote],
          [
            { name: 'preview', value: 'a' },
            { name: 'result', value: 'b' },
          ],
        ),
      );
      expect(await Promise.all((['preview', 'result', 'polling'] as const).map((name) => store.readDocument(id, name)))).toEqual([
        'a',
        'b',
        undefined,
      ]);
    });

    it('replaces a document by a later one of its name', async () => {
      const { store } = harness();
      const id = freshId();
      await store.create(firstCommit(id, 'one', [{ name: 'polling', value: 'x'.repeat(100_000) }]));
      const read = await stored(store, id);
      await store.append(read, furtherCommit(read, [refusedVote], [{ name: 'polling', value: 'later' }]));
      expect(await store.readDocument(id, 'polling')).toBe('later');
    });

    it('keeps no document of a commit that lost', async () => {
      const { store } = harness();
      const read = await created(store);
      await store.append(read, furtherCommit(read, [refusedVote], [{ name: 'result', value: 'won' }]));
      await store.append(read, furtherCommit(read, [{ kind: 'cancelled' }], [{ name: 'result', value: 'lost' }]));
      expect(await store.readDocument(read.operation.id, 'result')).toBe('won');
    });

    it('gives back four documents of 4 MiB', async () => {
      const { store } = harness();
      const id = freshId();
      const value = { data: randomBytes(3 * 1024 * 1024).toString('base64') };
      const names = ['request', 'preview', 'result', 'polling'] as const;
      await store.create(
        firstCommit(
          id,
          'one',
          names.map((name) => ({ name, value })),
        ),
      );
      for (const name of names) expect(await store.readDocument(id, name)).toEqual(value);
    });
  });
}
