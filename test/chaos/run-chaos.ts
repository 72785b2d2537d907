import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, type Evidence, type Finding } from './audit.ts';
import { awaitQuiet } from './await-quiet.ts';
import { makeAzureBefore } from './azure-before.ts';
import { type AzureOperations, watchAzureOperations } from './azure-operations.ts';
import { makeChaosApi } from './chaos-api.ts';
import { type ChaosArguments, readChaosArguments, usage } from './chaos-arguments.ts';
import { type ChaosEnvironment, startChaosEnvironment } from './chaos-environment.ts';
import { beginDisturbance, type Disturbance } from './disturb.ts';
import { type PlannedRequest, planRequests } from './plan-requests.ts';
import { type PlayedRequest, playRequest } from './play-request.ts';
import { type QueueWatch, watchQueues } from './queue-contents.ts';
import { makeDice } from './random-choice.ts';
import { endsByKind, type RunFacts, reportText } from './report.ts';
import { openRunLog, type RunLog } from './run-log.ts';
import { examineOperations, readListing, strayMessageIds } from './stored-operations.ts';

const read = readChaosArguments(process.argv.slice(2));
if (read.kind === 'help') console.log(usage);
else if (read.kind === 'problem') {
  console.error(`${read.problem}\n\n${usage}`);
  process.exitCode = 2;
} else process.exit(await runChaos(read.options));

/** 0 where every promise was kept, 1 where one was not. */
async function runChaos(options: ChaosArguments): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-chaos-'));
  const log = openRunLog(options.log);
  try {
    const environment = await startChaosEnvironment({
      directory,
      hosts: options.hosts,
      seed: options.seed,
      onLine: (host, line) => log.line(host, line),
    });
    try {
      return await Promise.race([runIn(environment, options, log), interruption()]);
    } finally {
      await environment.stop();
    }
  } finally {
    log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Resolves when somebody ends the run before its time, as what a shell gives for that. */
async function interruption(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  process.once('SIGINT', () => resolve(130));
  process.once('SIGTERM', () => resolve(143));
  return await promise;
}

async function runIn(environment: ChaosEnvironment, options: ChaosArguments, log: RunLog): Promise<number> {
  const { operations, seed } = options;
  const startedAt = performance.now();
  const azure = watchAzureOperations(environment.resourceManager);
  const secondsSince = (from: number): number => (performance.now() - from) / 1000;
  const disturbance = beginDisturbance({ environment, seed, kills: options.kill, faults: options.faults });
  const api = makeChaosApi(environment, makeDice(seed, 'hosts'));
  const played = await playAll(planRequests(operations, seed), environment, api, options.concurrency, (done) =>
    log.progress(`${done} of ${operations} requests made, ${disturbance.kills()} kills`),
  );
  await disturbance.stop();
  const load = secondsSince(startedAt);

  const quietFrom = performance.now();
  const queues = watchQueues(environment.bus.connectionString);
  const evidenceOf = await settle(environment, azure, queues, log, options);
  const quiet = secondsSince(quietFrom);

  const auditFrom = performance.now();
  const evidence = await evidenceOf(played);
  azure.stop();
  const findings = audit(evidence);
  const facts: RunFacts = {
    seed,
    operations,
    seconds: { load, quiet, audit: secondsSince(auditFrom) },
    disturbances: disturbancesOf(environment, disturbance),
    answers: api.answers(),
  };
  log.progress('');
  console.log(reportText(evidence, findings, facts));
  if (options.json !== undefined) await writeFile(options.json, jsonReport(evidence, findings, facts));
  return findings.every(({ breaches }) => breaches.length === 0) ? 0 : 1;
}

async function playAll(
  plans: readonly PlannedRequest[],
  { identity, resourceManager, certificateAuthority }: ChaosEnvironment,
  api: ReturnType<typeof makeChaosApi>,
  concurrency: number,
  onDone: (done: number) => void,
): Promise<readonly PlayedRequest[]> {
  const azure = makeAzureBefore({ identity, armAddress: resourceManager.address, certificateAuthority });
  const left = plans.values();
  const played: PlayedRequest[] = [];
  const playNext = async (): Promise<void> => {
    for (const plan of left) {
      const done = await playRequest(plan, api, azure).catch(
        (error: unknown): PlayedRequest => ({
          index: plan.index,
          kind: plan.kind,
          ids: [],
          surprises: [error instanceof Error ? error.message : 'it failed'],
        }),
      );
      played.push(done);
      onDone(played.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, playNext));
  return played;
}

/** Waits until all is quiet; what it gives then collects the evidence. */
async function settle(
  { clock, resourceManager, storageConnectionString, unconditionalWrites }: ChaosEnvironment,
  azure: AzureOperations,
  queues: QueueWatch,
  log: RunLog,
  { patienceMinutes }: ChaosArguments,
): Promise<(played: readonly PlayedRequest[]) => Promise<Evidence>> {
  const { left } = await awaitQuiet({
    clock,
    queues,
    patienceMs: patienceMinutes * 60_000,
    onProgress: ({ active, scheduled, dead }) =>
      log.progress(
        `${active} messages wait, ${scheduled} come later, ${dead} dead letters, ${(clock.aheadMs() / 3_600_000).toFixed(1)} h ahead`,
      ),
  });
  await queues.stop();
  return async (played) => ({
    played,
    left,
    stored: await examineOperations(storageConnectionString),
    listing: await readListing(storageConnectionString),
    strayMessageIds: await strayMessageIds(storageConnectionString),
    unconditionalWrites: unconditionalWrites(),
    requests: azure.withEffects(resourceManager.requests()),
  });
}

function disturbancesOf(
  { tables, bus, clock, resourceManager }: ChaosEnvironment,
  disturbance: Disturbance,
): Readonly<Record<string, number>> {
  const named = (where: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, times]) => [`${where}: ${name}`, times] as const);
  return {
    'hosts killed': disturbance.kills(),
    'clock jumps under load': disturbance.jumps(),
    'hours that the clock was ahead in the end': Math.round(clock.aheadMs() / 3_600_000),
    ...Object.fromEntries([
      ...named('tables', tables.happened()),
      ...named('Service Bus', bus.faults.happened()),
      ...named('Azure', resourceManager.faults.happened()),
    ]),
  };
}

function jsonReport(evidence: Evidence, findings: readonly Finding[], facts: RunFacts): string {
  const report = { ...facts, answers: Object.fromEntries(facts.answers), endsByKind: endsByKind(evidence), findings };
  return `${JSON.stringify(report, null, 2)}\n`;
}
