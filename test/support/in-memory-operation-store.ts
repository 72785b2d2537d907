import { checkCommit, operationFromEvents } from '../../shared/adapters/table-storage/operation-chain.ts';
import { decodeEvent, encodeEvent, StoredEventError } from '../../shared/contracts/stored-event.ts';
import { canonicalJson } from '../../shared/domain/canonical-json.ts';
import type { OperationEvent } from '../../shared/domain/event.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import {
  type Commit,
  type DocumentName,
  type OperationStore,
  type StoredOperation,
  StoreError,
} from '../../shared/ports/operation-store.ts';

type Kept = {
  version: number;
  told: StoredOperation | undefined;
  readonly events: string[];
  readonly documents: Map<DocumentName, { owner: OperationId; text: string }>;
};

export type InMemoryOperationStore = OperationStore & {
  /** The next write throws `unreachable`: before it is written, or after, as where reading back fails too. */
  failNext(when: 'before' | 'after'): void;
  /** Rewrites the stored text of one event, as somebody with access to the table could. */
  rewriteEvent(id: OperationId, sequence: number, rewrite: (text: string) => string): void;
  /** Puts one operation's document in the place of another's. */
  moveDocument(from: OperationId, to: OperationId, name: DocumentName): void;
};

/** A store that keeps the same texts as the real one and writes `commit <kinds of events>` into the shared list of effects. */
export function makeInMemoryOperationStore(effects: string[] = []): InMemoryOperationStore {
  const operations = new Map<OperationId, Kept>();
  let failing: 'before' | 'after' | undefined;

  const write = (kept: Kept, commit: Commit): void => {
    const events = commit.events.map(encodeEvent);
    const documents = commit.documents.map(
      ({ name, value }) => [name, { owner: commit.operation.id, text: canonicalJson(value) }] as const,
    );
    const failure = failing;
    failing = undefined;
    if (failure === 'before') throw new StoreError('unreachable', 'the tables cannot be reached');
    kept.events.push(...events);
    for (const [name, document] of documents) kept.documents.set(name, document);
    for (const name of commit.removed ?? []) kept.documents.delete(name);
    kept.version += 1;
    kept.told = undefined;
    operations.set(commit.operation.id, kept);
    effects.push(`commit ${commit.events.map((event) => event.detail.kind).join(' ')}`);
    if (failure === 'after') throw new StoreError('unreachable', 'the tables cannot be reached any more');
  };

  return {
    create: async (commit) => {
      checkCommit(undefined, commit);
      if (operations.has(commit.operation.id)) return 'exists';
      write({ version: 0, told: undefined, events: [], documents: new Map() }, commit);
      return 'committed';
    },
    append: async (previous, commit) => {
      checkCommit(previous, commit);
      const kept = operations.get(commit.operation.id);
      if (kept === undefined || String(kept.version) !== previous.version) return 'conflict';
      write(kept, commit);
      return 'committed';
    },
    read: async (id) => {
      const kept = operations.get(id);
      if (kept === undefined) return undefined;
      kept.told ??= toldBy(id, kept);
      return kept.told;
    },
    readDocument: async (id, name) => {
      const document = operations.get(id)?.documents.get(name);
      if (document === undefined) return undefined;
      if (document.owner !== id) throw new StoreError('corrupt', `document ${name} of ${id} cannot be opened`);
      const value: JsonValue = JSON.parse(document.text);
      return value;
    },
    failNext: (when) => {
      failing = when;
    },
    rewriteEvent: (id, sequence, rewrite) => {
      const kept = operations.get(id);
      const text = kept?.events[sequence - 1];
      if (kept === undefined || text === undefined) throw new RangeError(`${id} has no event ${sequence}`);
      kept.events[sequence - 1] = rewrite(text);
      kept.told = undefined;
    },
    moveDocument: (from, to, name) => {
      const document = operations.get(from)?.documents.get(name);
      const target = operations.get(to);
      if (document === undefined || target === undefined) throw new RangeError(`no document ${name} to move`);
      target.documents.set(name, document);
    },
  };
}

/** What the kept texts tell; the chain is verified, once for each version of them. */
function toldBy(id: OperationId, { events: texts, version }: Kept): StoredOperation {
  return { ...once(toldBefore, [id, ...texts].join('\n'), () => verified(id, texts)), version: String(version) };
}

type Told = Pick<StoredOperation, 'operation' | 'events'>;

function verified(id: OperationId, texts: readonly string[]): Told {
  const events = texts.map((text) => once(decodedBefore, text, () => decoded(text)));
  return { operation: operationFromEvents(id, events), events };
}

function decoded(text: string): OperationEvent {
  try {
    return decodeEvent(text);
  } catch (error) {
    if (error instanceof StoredEventError) throw new StoreError('corrupt', 'a stored event cannot be read', { cause: error });
    throw error;
  }
}

/*
 * Tests lead the same life again and again, to disturb it at another place each time. What the same texts tell is the same each time, so that it is
 * found out once and frozen; what is corrupt is found out anew.
 */
const toldBefore = new Map<string, Told>();
const decodedBefore = new Map<string, OperationEvent>();
const mostKept = 2_000;

function once<Found extends object>(found: Map<string, Found>, text: string, find: () => Found): Found {
  const before = found.get(text);
  if (before !== undefined) return before;
  if (found.size >= mostKept) found.clear();
  const now = frozen(find());
  found.set(text, now);
  return now;
}

function frozen<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) frozen(part);
  return Object.freeze(value);
}
