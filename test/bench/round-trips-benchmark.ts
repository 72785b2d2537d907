import { randomUUID } from 'node:crypto';
import type { Target } from '../support/api-client.ts';
import type { BenchEnvironment } from './bench-environment.ts';
import type { Benchmark } from './benchmark.ts';
import { deletionInProduction, forbidden, longRunning, readAtOnce, writeUnasked } from './measured-operations.ts';
import { makeTripCounter, type RoundTrips } from './round-trips.ts';
import type { Row } from './rows.ts';
import { sizeOf } from './stored-rows.ts';

/** What each kind of operation asks of Azure's services from beginning to end, counted at the stand-ins, and what it leaves in the storage. */
export const roundTripsBenchmark: Benchmark = {
  name: 'round-trips',
  about: 'storage, queue and Resource Manager round trips per kind of operation, counted; size stored per operation',
  run: async (world) =>
    await world.withEnvironment({ role: 'all', counts: true, limits: true }, async (environment) => {
      const counter = makeTripCounter(environment, { follows: true });
      const rows: Row[] = [];
      const count = async (what: string, act: () => Promise<unknown>): Promise<void> => {
        world.progress(what);
        rows.push(...rowsOf(what, await counter.count(act)));
      };
      try {
        await play(environment, count, async (what, id) => {
          const { rows: lines, rowBytes, blobBytes } = await sizeOf(environment.storageConnectionString, id);
          rows.push({ what: `stored of ${what}, in ${lines} rows`, value: (rowBytes + blobBytes) / 1_000, unit: 'KB' });
        });
      } finally {
        await counter.stop();
      }
      return rows;
    }),
};

type Count = (what: string, act: () => Promise<unknown>) => Promise<void>;
type Weigh = (what: string, id: string) => Promise<void>;

async function play({ api }: BenchEnvironment, count: Count, weigh: Weigh): Promise<void> {
  const agent = 'deploy-agent';
  const submit = async (target: Target, headers: Readonly<Record<string, string>> = {}) => {
    const { id } = (await api.submit(agent, target, headers)).operation();
    return id;
  };
  const toEnd = async (target: Target, headers: Readonly<Record<string, string>> = {}) => {
    const id = await submit(target, headers);
    await api.awaitStatus(id, 'succeeded');
    return id;
  };
  // What is asked once in an hour or a minute, such as the agent's limits and its owner, is asked here.
  await toEnd(readAtOnce);
  await count('assess', () =>
    api.send(agent, 'POST', '/operations/assess', { target: { kind: 'arm', ...deletionInProduction }, justification: 'Ask' }),
  );
  await count('denied', () => submit(forbidden));
  const kept = new Map<string, string>();
  const keep = (what: string, act: () => Promise<string>) => count(what, async () => kept.set(what, await act()));
  const repeated = { 'repeatability-request-id': randomUUID() };
  await keep('a read at once', () => submit(readAtOnce, repeated));
  await count('the same again', () => submit(readAtOnce, repeated));
  await keep('a write without approval', () => submit(writeUnasked('stcounted')));
  await keep('a long-running call', () => submit(longRunning));
  await keep('a deletion, until it waits for people', () => submit(deletionInProduction));
  const id = kept.get('a deletion, until it waits for people') ?? '';
  const digest = await api.awaitApprovalDigest(id);
  await count('a vote that is refused', () => api.vote('approver-1', id, 'approve', `sha256:${'0'.repeat(64)}`));
  await count('the vote, and what follows to the end', () => api.vote('approver-1', id, 'approve', digest));
  await api.awaitStatus(id, 'succeeded');
  await count('reading it', () => api.read(agent, id));
  for (const [what, each] of kept) await weigh(what.replace(', until it waits for people', ' with its approval'), each);
}

function rowsOf(what: string, trips: RoundTrips): readonly Row[] {
  const storage = trips.transactions + trips.rowWrites + trips.rowReads + trips.blobs;
  const messages = trips.sends + trips.deliveries + trips.settlements;
  const named = (name: string, value: number): Row => ({ what: `${what}: ${name}`, value, unit: 'count' });
  return [
    named(
      `storage (${trips.transactions} transactions, ${trips.rowWrites} rows written, ${trips.rowReads} reads, ${trips.blobs} blobs)`,
      storage,
    ),
    named(`messages (${trips.sends} sends, ${trips.deliveries} deliveries, ${trips.scheduled} for later)`, messages),
    named(`Resource Manager (${trips.armReads} reads, ${trips.armEffects} others)`, trips.armReads + trips.armEffects),
  ];
}
