import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type BenchEnvironment, startBenchEnvironment } from './bench-environment.ts';
import { deletionInProduction, forbidden, readAtOnce, writeUnasked } from './measured-operations.ts';
import { makeTripCounter, type RoundTrips, type TripCounter } from './round-trips.ts';

let directory: string;
let environment: BenchEnvironment;
let counter: TripCounter;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-round-trips-'));
  environment = await startBenchEnvironment({ directory, entry: inject('functionsBundle'), role: 'edge', counts: true, limits: true });
  counter = makeTripCounter(environment, { follows: false });
  // From the first submission on the edge knows what it counted against the limits.
  await environment.api.submit('deploy-agent', readAtOnce);
});

afterAll(async () => {
  await counter?.stop();
  await environment?.stop();
  await rm(directory, { recursive: true, force: true });
});

const nothing: RoundTrips = {
  transactions: 0,
  rowWrites: 0,
  rowReads: 0,
  blobs: 0,
  sends: 0,
  deliveries: 0,
  settlements: 0,
  scheduled: 0,
  armReads: 0,
  armEffects: 0,
};

/** One entity-group transaction, one row of the agent's limits, and one batch to each queue that must know. */
const accepted = { ...nothing, transactions: 1, rowWrites: 1, sends: 3, scheduled: 1 };

describe('what the edge asks of others for one request', () => {
  const submit = (target: Parameters<BenchEnvironment['api']['submit']>[1], headers?: Readonly<Record<string, string>>) =>
    counter.count(() => environment.api.submit('deploy-agent', target, headers));

  it('to assess: what is read of the target; that it was asked is counted, and nothing else stored or sent', async () => {
    const body = { target: { kind: 'arm', ...deletionInProduction }, justification: 'Ask first' };
    const assess = () => counter.count(() => environment.api.send('deploy-agent', 'POST', '/operations/assess', body));
    await assess();
    expect(await assess()).toEqual({ ...nothing, rowWrites: 1, armReads: 4 });
  });

  it('to read what is harmless: nothing is read of Azure', async () => {
    expect(await submit(readAtOnce)).toEqual(accepted);
  });

  it('to write: the target, its group, its subscription and the locks', async () => {
    expect(await submit(writeUnasked('stcounted'))).toEqual({ ...accepted, armReads: 4 });
  });

  it('to delete in production, which waits for people: the same', async () => {
    expect(await submit(deletionInProduction)).toEqual({ ...accepted, armReads: 4 });
  });

  it('what no policy lets happen: no deadline, and only the listing must know', async () => {
    expect(await submit(forbidden)).toEqual({ ...accepted, sends: 1, scheduled: 0, armReads: 4 });
  });

  it('a repetition: what is stored of the first', async () => {
    const headers = { 'repeatability-request-id': 'counted-1' };
    expect(await submit(readAtOnce, headers)).toEqual({ ...accepted, rowReads: 1 });
    expect(await submit(readAtOnce, headers)).toEqual({ ...nothing, rowReads: 1 });
  });
});
