import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interruption } from '../support/interruption.ts';
import { audit } from './audit.ts';
import { awaitQuiet } from './await-quiet.ts';
import { makeAzureBefore } from './azure-before.ts';
import { type AzureOperations, watchAzureOperations } from './azure-operations.ts';
import { type ChaosApi, makeChaosApi } from './chaos-api.ts';
import { type ChaosArguments, readChaosArguments, usage } from './chaos-arguments.ts';
import { type ChaosEnvironment, startChaosEnvironment } from './chaos-environment.ts';
import { makeChaosVaults } from './chaos-vaults.ts';
import { beginDisturbance, type Disturbance } from './disturb.ts';
import type { Evidence, Finding } from './evidence.ts';
import { type PlannedRequest, planRequests } from './plan-requests.ts';
import { searchWhatIsStored } from './planted-values.ts';
import { type PlayedRequest, playRequest, type Surroundings } from './play-request.ts';
import { type QueueContents, type QueueWatch, watchQueues } from './queue-contents.ts';
import { makeDice } from './random-choice.ts';
import { endsByKind, type RunFacts, reportText } from './report.ts';
import { reportFindings } from './report-findings.ts';
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
      rights: options.rights === 'perOperation' ? 'perOperation' : 'standing',
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

async function runIn(environment: ChaosEnvironment, options: ChaosArguments, log: RunLog): Promise<number> {
  const { operations, seed } = options;
  const { resourceManager } = environment;
  const startedAt = performance.now();
  const azure = watchAzureOperations(resourceManager);
  const queues = watchQueues(environment.bus.connectionString);
  try {
    const secondsSince = (from: number): number => (performance.now() - from) / 1000;
    const api = makeChaosApi(environment, makeDice(seed, 'hosts'));
    const underLoad = disturbed(environment, options, seed, api);
    const played = await playBothModes(environment, api, options, (done) =>
      log.progress(`${done} of ${operations} requests made, ${underLoad.kills()} kills`),
    );
    await underLoad.stop();
    const load = secondsSince(startedAt);

    const quietFrom = performance.now();
    await settle(environment, queues, log, options);
    const whileFound = disturbed(environment, options, seed + 1, api);
    const found = await examineOperations(environment.storageConnectionString);
    const reported = await reportFindings(found.values(), requestsOf(environment, azure), api, (done, of) =>
      log.progress(`people looked at ${done} of ${of} operations whose outcome nobody knows`),
    );
    await whileFound.stop();
    resourceManager.faults.clear();
    environment.keyVault.faults.clear();
    await settle(environment, queues, log, options);
    const sentAgain = await queues.sendAgain();
    const left = await settle(environment, queues, log, options);
    const quiet = secondsSince(quietFrom);

    const auditFrom = performance.now();
    const evidence = { ...(await evidenceOf(environment, azure)), played, left, reported };
    const findings = audit(evidence);
    const facts: RunFacts = {
      seed,
      operations,
      seconds: { load, quiet, audit: secondsSince(auditFrom) },
      disturbances: disturbancesOf(environment, [underLoad, whileFound]),
      answers: api.answers(),
      sentAgain,
    };
    log.progress('');
    console.log(reportText(evidence, findings, facts));
    if (options.json !== undefined) await writeFile(options.json, jsonReport(evidence, findings, facts));
    return findings.every(({ breaches }) => breaches.length === 0) ? 0 : 1;
  } finally {
    azure.stop();
    await queues.stop();
  }
}

function disturbed(environment: ChaosEnvironment, { kill, faults }: ChaosArguments, seed: number, api: ChaosApi): Disturbance {
  const answered = (): number => [...api.answers().values()].reduce((sum, times) => sum + times, 0);
  return beginDisturbance({ environment, seed, kills: kill, faults, answered });
}

/** Two thirds of the requests under standing rights; then the deployment changes, while what was asked for is under way. */
async function playBothModes(
  environment: ChaosEnvironment,
  api: ChaosApi,
  { operations, seed, rights, concurrency }: ChaosArguments,
  onDone: (done: number) => void,
): Promise<readonly PlayedRequest[]> {
  const plans = planRequests(operations, seed);
  const { identity, resourceManager, keyVault, certificateAuthority, planted } = environment;
  const around: Surroundings = {
    azure: makeAzureBefore({ identity, armAddress: resourceManager.address, certificateAuthority }),
    vaults: await makeChaosVaults({ identity, keyVault, certificateAuthority, planted }),
    planted,
  };
  if (rights !== 'both') return await playAll(plans, around, api, concurrency, onDone);
  const change = Math.ceil((operations * 2) / 3);
  const before = await playAll(plans.slice(0, change), around, api, concurrency, onDone);
  await environment.changeRights('perOperation');
  const after = await playAll(plans.slice(change), around, api, concurrency, (done) => onDone(change + done));
  return [...before, ...after];
}

async function playAll(
  plans: readonly PlannedRequest[],
  around: Surroundings,
  api: ChaosApi,
  concurrency: number,
  onDone: (done: number) => void,
): Promise<readonly PlayedRequest[]> {
  const left = plans.values();
  const played: PlayedRequest[] = [];
  const playNext = async (): Promise<void> => {
    for (const plan of left) {
      const done = await playRequest(plan, api, around).catch(
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

/** Waits until all is quiet and every right is gone; gives what is left in the queues. */
async function settle(
  { clock, resourceManager }: ChaosEnvironment,
  queues: QueueWatch,
  log: RunLog,
  { patienceMinutes }: ChaosArguments,
): Promise<QueueContents> {
  const { left } = await awaitQuiet({
    clock,
    queues,
    rights: () => resourceManager.roleAssignments().length,
    patienceMs: patienceMinutes * 60_000,
    onProgress: ({ active, scheduled, dead }, rights) =>
      log.progress(
        `${active} messages wait, ${scheduled} come later, ${dead} dead letters, ${rights} rights, ${(clock.aheadMs() / 3_600_000).toFixed(1)} h ahead`,
      ),
  });
  return left;
}

/** What reached Azure and its vaults. Without a token a vault is only asked what token it wants. */
function requestsOf({ resourceManager, keyVault }: ChaosEnvironment, azure: AzureOperations): Evidence['requests'] {
  return [...azure.withEffects(resourceManager.requests()), ...keyVault.requests().filter(({ principalId }) => principalId !== null)];
}

async function evidenceOf(environment: ChaosEnvironment, azure: AzureOperations): Promise<Omit<Evidence, 'played' | 'left' | 'reported'>> {
  const { resourceManager, storageConnectionString, unconditionalWrites, planted, directory } = environment;
  await searchWhatIsStored(planted, storageConnectionString, directory);
  return {
    valuesSeen: planted.seen(),
    stored: await examineOperations(storageConnectionString),
    listing: await readListing(storageConnectionString),
    strayMessageIds: await strayMessageIds(storageConnectionString),
    unconditionalWrites: unconditionalWrites(),
    requests: requestsOf(environment, azure),
    rightsLeft: resourceManager.roleAssignments(),
  };
}

function disturbancesOf(
  { tables, bus, clock, resourceManager, keyVault }: ChaosEnvironment,
  disturbances: readonly Disturbance[],
): Readonly<Record<string, number>> {
  const named = (where: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, times]) => [`${where}: ${name}`, times] as const);
  return {
    'hosts killed': disturbances.at(-1)?.kills() ?? 0,
    'clock jumps under load': disturbances.reduce((sum, { jumps }) => sum + jumps(), 0),
    'hours that the clock was ahead in the end': Math.round(clock.aheadMs() / 3_600_000),
    ...Object.fromEntries([
      ...named('tables', tables.happened()),
      ...named('Service Bus', bus.faults.happened()),
      ...named('Azure', resourceManager.faults.happened()),
      ...named('Key Vault', keyVault.faults.happened()),
    ]),
  };
}

function jsonReport(evidence: Evidence, findings: readonly Finding[], facts: RunFacts): string {
  const report = { ...facts, answers: Object.fromEntries(facts.answers), endsByKind: endsByKind(evidence), findings };
  return `${JSON.stringify(report, null, 2)}\n`;
}
