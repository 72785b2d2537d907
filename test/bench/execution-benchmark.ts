import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { managedIdentities } from '../../infra/local/seed.ts';
import type { OperationEvent } from '../../shared/domain/event.ts';
import type { BenchEnvironment } from './bench-environment.ts';
import type { Benchmark } from './benchmark.ts';
import { type FloorClients, type FloorRows, floorQueue, makeFloorClients } from './floor-clients.ts';
import type { Samples } from './interleave.ts';
import { readAtOnce, writeInProduction } from './measured-operations.ts';
import { type Row, timeRow } from './rows.ts';
import { median } from './statistics.ts';
import { rowsOf } from './stored-rows.ts';

/** From a vote to the call, and what an execution takes beside the call; one operation at a time. */
export const executionBenchmark: Benchmark = {
  name: 'execution',
  about: "from a vote to Azure's first sight of the call; what an execution takes without Azure's own time",
  run: async (world) =>
    await world.withEnvironment({ role: 'all' }, async (environment) => {
      const clients = makeFloorClients(environment.storageConnectionString, environment.messagesConnectionString);
      try {
        return await measure(
          environment,
          clients,
          world.size === 'quick' ? { turns: 1, count: 2 } : { turns: 5, count: 5 },
          world.progress,
        );
      } finally {
        await clients.close();
      }
    }),
};

type Turn = {
  /** From the claim to the outcome, with Azure's time and without. */
  readonly executions: Samples;
  readonly withoutAzure: Samples;
  readonly toEnd: Samples;
  readonly votes: Samples;
  /** One message sent and received, and one transaction. */
  readonly floor: Samples;
};

async function measure(
  environment: BenchEnvironment,
  clients: FloorClients,
  { turns, count }: { readonly turns: number; readonly count: number },
  progress: (text: string) => void,
): Promise<readonly Row[]> {
  const direct = await makeDirectRead(environment);
  const sample = await sampleRows(environment);
  const measured: Turn[] = [];
  for (let turn = 0; turn <= turns; turn += 1) {
    progress(turn === 0 ? 'warming up' : `turn ${turn} of ${turns}`);
    const executed = await repeat(count, () => executeRead(environment));
    const azureMs = median(await repeat(count, direct));
    const result: Turn = {
      executions: executed.map(({ claimToOutcome }) => claimToOutcome),
      withoutAzure: executed.map(({ claimToOutcome }) => Math.max(0, claimToOutcome - azureMs)),
      toEnd: executed.map(({ submitToOutcome }) => submitToOutcome),
      votes: await repeat(count, () => voteToCall(environment)),
      floor: await repeat(count, () => passMessage(clients, sample)),
    };
    if (turn > 0) measured.push(result);
  }
  const times = (name: keyof Turn) => measured.map((turn) => median(turn[name]));
  const floor = { is: 'one message sent and received, one transaction', turns: times('floor') };
  return [
    timeRow('vote sent to call at Azure, p50', times('votes'), floor),
    timeRow('a read, submitted to outcome, p50', times('toEnd'), floor),
    timeRow('its execution, claim to outcome, p50', times('executions'), floor),
    timeRow("the same without Azure's own time, p50", times('withoutAzure'), floor),
  ];
}

async function repeat<Result>(count: number, act: () => Promise<Result>): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < count; index += 1) results.push(await act());
  return results;
}

async function sampleRows({ api, storageConnectionString }: BenchEnvironment): Promise<FloorRows> {
  const { id } = (await api.submit('deploy-agent', readAtOnce)).operation();
  await api.awaitStatus(id, 'succeeded');
  return await rowsOf(storageConnectionString, id);
}

/** By the times in its own events, which the outcome's commit follows at once. */
async function executeRead({ api }: BenchEnvironment): Promise<{ readonly claimToOutcome: number; readonly submitToOutcome: number }> {
  const { id } = (await api.submit('deploy-agent', readAtOnce)).operation();
  await api.awaitStatus(id, 'succeeded');
  const events = await api.events(id);
  const finishedAt = timeOf(events, 'executionFinished');
  return { claimToOutcome: finishedAt - timeOf(events, 'executionStarted'), submitToOutcome: finishedAt - timeOf(events, 'submitted') };
}

function timeOf(events: readonly OperationEvent[], kind: OperationEvent['detail']['kind']): number {
  const event = events.find(({ detail }) => detail.kind === kind);
  if (event === undefined) throw new Error(`The operation has no event ${kind}.`);
  return Date.parse(event.at);
}

async function voteToCall({ api, resourceManager }: BenchEnvironment): Promise<number> {
  const name = `st${randomBytes(8).toString('hex')}`;
  const { id } = (await api.submit('deploy-agent', writeInProduction(name))).operation();
  const digest = await api.awaitApprovalDigest(id);
  const votedAt = Date.now();
  const vote = await api.vote('approver-1', id, 'approve', digest);
  if (vote.status !== 200) throw new Error(`A vote was answered ${vote.status}: ${vote.text.slice(0, 300)}`);
  await api.awaitStatus(id, 'succeeded');
  const call = resourceManager.requests().findLast(({ method, url }) => method === 'PUT' && url.includes(name));
  if (call === undefined) throw new Error('The call did not come to Azure.');
  return Date.parse(call.receivedAt) - votedAt;
}

async function passMessage({ sender, serviceBus, sendAndStore }: FloorClients, rows: FloorRows): Promise<number> {
  const receiver = serviceBus.createReceiver(floorQueue);
  try {
    const from = performance.now();
    const [[message]] = await Promise.all([receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 }), sendAndStore(rows)]);
    if (message === undefined) throw new Error(`No message came through ${sender.entityPath}.`);
    const took = performance.now() - from;
    await receiver.completeMessage(message);
    return took;
  } finally {
    await receiver.close();
  }
}

/** The call that the execution makes, made without Countersign. */
async function makeDirectRead({ identity, endpoints }: BenchEnvironment): Promise<() => Promise<number>> {
  const claims = { aud: 'https://management.azure.com', oid: managedIdentities.reader.principalId };
  const authorization = `Bearer ${await identity.issueToken('deploy-agent', { claims })}`;
  const ca = await readFile(endpoints.certificateAuthority, 'utf8');
  const url = new URL(`${endpoints.arm}${readAtOnce.path}?api-version=${readAtOnce.apiVersion}`);
  return async () => {
    const from = performance.now();
    const status = await get(url, { authorization }, ca);
    if (status !== 200) throw new Error(`Azure answered ${status}.`);
    return performance.now() - from;
  };
}

function get(url: URL, headers: Readonly<Record<string, string>>, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, ca }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end();
  });
}
