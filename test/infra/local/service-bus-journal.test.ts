import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJournal, startJournal } from '../../../infra/local/service-bus/journal.ts';
import type { JournalRecord } from '../../../infra/local/service-bus/records.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'service-bus-journal-'));
  path = join(directory, 'service-bus.journal');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const enqueued: JournalRecord = {
  queue: 'jobs',
  record: {
    kind: 'enqueued',
    sequenceNumber: 1,
    payload: Buffer.from([0, 255, 10, 13]),
    enqueuedAt: Date.UTC(2026, 0, 5),
    ttlMs: undefined,
    scheduledFor: undefined,
    deliveryCount: 0,
    deadLetter: undefined,
  },
};
const deadLettered: JournalRecord = {
  queue: 'jobs',
  record: {
    kind: 'deadLettered',
    sequenceNumber: 1,
    counted: true,
    cause: { reason: 'r\u2028\n', description: undefined },
    payload: undefined,
  },
};
const removed = (sequenceNumber: number): JournalRecord => ({ queue: 'jobs', record: { kind: 'removed', sequenceNumber } });

describe('journal', () => {
  it('is empty where there was none', async () => {
    expect(await readJournal(join(directory, 'nowhere'))).toEqual([]);
  });

  it.each(['"sequenceNumber":1', '"sequenceNumber":2'])('refuses a file in which %s was changed', async (field) => {
    const journal = await startJournal(directory, []);
    await journal.append([removed(1)]);
    await journal.append([removed(2)]);
    await journal.close();
    await writeFile(path, (await readFile(path, 'utf8')).replace(field, '"sequenceNumber":7'));
    await expect(readJournal(directory)).rejects.toMatchObject({ name: 'JournalError', code: 'damaged' });
  });

  it('refuses a record of an unknown kind', async () => {
    await writeFile(path, 'cbc482a9 [{"queue":"jobs","record":{"kind":"invented"}}]\n');
    await expect(readJournal(directory)).rejects.toMatchObject({ code: 'damaged' });
  });

  it('ignores a last line that was cut off', async () => {
    const journal = await startJournal(directory, []);
    await journal.append([enqueued]);
    await journal.close();
    await appendFile(path, '00000000 [{"queue":"jobs","rec');
    expect(await readJournal(directory)).toEqual([[enqueued]]);
  });

  it('takes nothing after it was closed', async () => {
    const journal = await startJournal(directory, []);
    await journal.close();
    await expect(journal.append([enqueued])).rejects.toMatchObject({ code: 'closed' });
  });

  it('gives back what was appended, in order and in its groups', async () => {
    const journal = await startJournal(directory, []);
    await Promise.all([journal.append([enqueued, deadLettered]), journal.append([]), journal.append([removed(2)])]);
    await journal.append([removed(3)]);
    await journal.close();
    expect(await readJournal(directory)).toEqual([[enqueued, deadLettered], [removed(2)], [removed(3)]]);
  });

  it('has written a record before it says so', async () => {
    const journal = await startJournal(directory, []);
    await journal.append([removed(1)]);
    expect(await readJournal(directory)).toEqual([[removed(1)]]);
    await journal.close();
  });

  it('answers an append of nothing only when everything before is written', async () => {
    const journal = await startJournal(directory, []);
    void journal.append([removed(1)]);
    await journal.append([]);
    expect(await readJournal(directory)).toEqual([[removed(1)]]);
    await journal.close();
  });

  it('starts with the given content in place of the old', async () => {
    const first = await startJournal(directory, [[removed(1)], [removed(2)]]);
    await first.close();
    const second = await startJournal(directory, [[enqueued]]);
    await second.append([removed(3)]);
    await second.close();
    expect(await readJournal(directory)).toEqual([[enqueued], [removed(3)]]);
  });
});
