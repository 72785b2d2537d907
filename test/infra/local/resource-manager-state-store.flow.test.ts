import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStateStore, type StoredResource } from '../../../infra/local/resource-manager/state-store.ts';

const resource = (id: string, tags: Record<string, string> = {}): StoredResource => ({
  id,
  type: 'Microsoft.Storage/storageAccounts',
  name: 'a',
  content: { tags },
  etag: '"1"',
  createdAt: '2026-01-01T00:00:00.000Z',
  changedAt: '2026-01-01T00:00:00.000Z',
  hidden: { kind: 'none' },
});

let directory: string;
let state: string;
let changes: string;
const open = () => openStateStore({ state, changes }, () => [resource('/a'), resource('/a/b')]);
const ids = () =>
  open()
    .all()
    .map(({ id }) => id);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-store-'));
  state = join(directory, 'state.json');
  changes = join(directory, 'changes.ndjson');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('the state store', () => {
  it('refuses a change that is not its own', () => {
    open();
    appendFileSync(changes, '{"put":"everything"}\n');
    expect(open).toThrow();
  });

  it('drops the change that a crash tore', () => {
    open().commit({ put: [resource('/c')] });
    appendFileSync(changes, '{"removeTrees":["/a"]');
    expect(ids()).toEqual(['/a', '/a/b', '/c']);
  });

  it('keeps what was committed, and does not begin with the seed again', () => {
    open().commit({ removeTrees: ['/A'], put: [resource('/c')] });
    expect(ids()).toEqual(['/c']);
  });

  it('comes to the same when a crash left changes that are in the state already', () => {
    const store = open();
    store.commit({ put: [resource('/c')] });
    store.commit({ removeTrees: ['/c'], put: [resource('/d')] });
    const left = readFileSync(changes);
    open();
    writeFileSync(changes, left);
    expect(ids()).toEqual(['/a', '/a/b', '/d']);
  });

  it('folds the changes into the state when they have become many', () => {
    const store = open();
    const large = { text: 'x'.repeat(400_000) };
    store.commit({ put: [resource('/c', large)] });
    store.commit({ put: [resource('/c', large)] });
    const before = statSync(changes).size;
    store.commit({ put: [resource('/c', large)] });
    expect([before > 800_000, statSync(changes).size, ids()]).toEqual([true, 0, ['/a', '/a/b', '/c']]);
  });
});
