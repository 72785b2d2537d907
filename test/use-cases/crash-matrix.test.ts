import { describe, expect, it } from 'vitest';
import { isTerminal, type OperationId } from '../../shared/domain/operation.ts';
import { RequestError } from '../../shared/domain/request-error.ts';
import type { Submission } from '../../shared/use-cases/submit-operation.ts';
import { agentCaller, anna, boris, deployAgent } from '../support/cast.ts';
import { type AzureManners, type LivingAzure, letAzureLive } from '../support/living-azure.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, deleteAccount, operationOf, readAccount, standAccount, storedOf, voteFor, voterOf } from '../support/scenarios.ts';
import { deny, requireApproval } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

/*
 * The process dies at every call of a port, on every kind of way that an operation can take: before the first call, and after each, when it had its effect
 * and nobody knows its answer (which leaves what dying before the next one leaves; dying after a call that only reads leaves what dying before it leaves). Then it is started again, everything that was not settled comes again,
 * agents and people repeat themselves, and time passes until nothing is left to happen. Whatever happened, the promises hold.
 */

type Way = {
  readonly name: string;
  readonly submission: Submission;
  readonly azure?: AzureManners;
  /** What people do where they are asked. */
  readonly people?: 'approve' | 'reject' | 'nothing';
  readonly approvals?: 1 | 2;
  readonly agent?: 'cancels' | 'asksAgain';
  readonly rights?: 'perOperation';
  /** Somebody looks for what came of it where nobody knows, and says so. */
  readonly findsOut?: true;
  readonly prepare?: (world: World) => void;
  /** Where it ends if nobody dies. */
  readonly end: string;
  /** Where it may end beside that if somebody does. */
  readonly ends?: readonly string[];
};

const repeatabilityId = 'r-1';
const machine = account.replace('microsoft.storage/storageaccounts/stshop', 'microsoft.compute/virtualmachines/vm-shop');
const deletion = deleteAccount({ repeatabilityId });
const writing = readAccount({ repeatabilityId, target: { method: 'PUT', body: { location: 'westeurope', tags: { release: 'r-2' } } } });
const command = readAccount({
  repeatabilityId,
  target: {
    method: 'POST',
    path: `${machine}/runCommand`,
    apiVersion: '2024-07-01',
    body: { commandId: 'RunShellScript', script: ['date'] },
  },
});
/** Nobody can see by looking whether a command ran that the activity log does not know. */
const perhapsSent = ['outcomeUnknown'];

const ways: readonly Way[] = [
  { name: 'a read', submission: readAccount({ repeatabilityId }), end: 'succeeded' },
  { name: 'a write', submission: writing, end: 'succeeded' },
  { name: 'a write whose answer is lost', submission: writing, azure: { losesFirstAnswer: true }, end: 'succeeded' },
  { name: 'a write that goes on in Azure', submission: writing, azure: { pendingPolls: 1 }, end: 'succeeded' },
  { name: 'a deletion', submission: deletion, end: 'succeeded', ends: perhapsSent },
  { name: 'a deletion whose answer is lost', submission: deletion, azure: { losesFirstAnswer: true }, end: 'succeeded', ends: perhapsSent },
  { name: 'a deletion that goes on in Azure', submission: deletion, azure: { pendingPolls: 2 }, end: 'succeeded', ends: perhapsSent },
  { name: 'a deletion that two must approve', submission: deletion, approvals: 2, end: 'succeeded', ends: perhapsSent },
  {
    name: 'a deletion that is sent at the second attempt',
    submission: deletion,
    azure: { before: [{ kind: 'notSent', reason: 'The host could not be found.' }] },
    end: 'succeeded',
    ends: perhapsSent,
  },
  {
    name: 'a deletion that Azure is too busy for at first',
    submission: deletion,
    azure: { before: [{ kind: 'busy', status: 429, retryAfterMs: 20_000 }] },
    end: 'succeeded',
    ends: perhapsSent,
  },
  { name: 'a command', submission: command, end: 'succeeded', ends: perhapsSent },
  { name: 'a command whose answer is lost', submission: command, azure: { losesFirstAnswer: true }, end: 'succeeded', ends: perhapsSent },
  { name: 'a command that goes on in Azure', submission: command, azure: { pendingPolls: 1 }, end: 'succeeded', ends: perhapsSent },
  {
    name: 'a command that stands still in Azure, of which a person says what came of it',
    submission: command,
    azure: { afterTaking: 'standsStill' },
    findsOut: true,
    end: 'outcomeUnknown',
  },
  {
    name: 'a command that Azure takes and forgets, of which a person says what came of it',
    submission: command,
    azure: { afterTaking: 'forgets' },
    findsOut: true,
    end: 'outcomeUnknown',
  },
  { name: 'a command that is asked for again and again', submission: command, agent: 'asksAgain', end: 'succeeded', ends: perhapsSent },
  { name: 'a rejected deletion', submission: deletion, people: 'reject', end: 'rejected' },
  { name: 'a deletion that nobody decides on', submission: deletion, people: 'nothing', end: 'expired' },
  { name: 'a deletion that the agent takes back', submission: deletion, agent: 'cancels', end: 'cancelled' },
  {
    name: 'a deletion that the second look denies',
    submission: deletion,
    prepare: ({ policies, announcer }) => {
      const { announce } = announcer;
      announcer.announce = async (announcements) => {
        policies.script('risky', deny('Not any more.'));
        await announce(announcements);
      };
    },
    end: 'denied',
  },
  { name: 'a deletion by a right of its own', submission: deletion, rights: 'perOperation', end: 'succeeded', ends: perhapsSent },
];

type Life = { readonly world: World; readonly azure: LivingAzure; readonly id: OperationId };

describe.each(ways)('$name', { timeout: 120_000 }, (way) => {
  it(`ends as ${way.end} where nobody dies`, async () => {
    const life = await live(way);
    expect((await operationOf(life.world, life.id)).status).toBe(way.end);
    await expectPromises(life, way, 'undisturbed');
  });

  it('keeps every promise wherever the process dies', async () => {
    const calls = await changingCalls(way);
    expect(calls.length).toBeGreaterThan(5);
    await expectPromises(await live(way, ({ interruptions }) => interruptions.dieBefore(1)), way, 'died before anything');
    for (const call of calls) {
      const life = await live(way, ({ interruptions }) => interruptions.dieAfter(call));
      expect(life.world.interruptions.happened).toBe(true);
      await expectPromises(life, way, `died after call ${call}, ${life.world.interruptions.calls[call - 1]}`);
    }
  });
});

const twice = ways.filter(({ name }) => ['a deletion', 'a command that goes on in Azure'].includes(name));

describe.each(twice)('$name', { timeout: 120_000 }, (way) => {
  it('keeps every promise where the process dies again soon after it was started again', async () => {
    for (const first of await changingCalls(way)) {
      for (const later of [2, 6]) {
        const life = await live(way, ({ interruptions }) => interruptions.dieAfter(first, first + later));
        await expectPromises(life, way, `died after calls ${first} and ${first + later}`);
      }
    }
  });
});

const reads: readonly string[] = [
  'store.read',
  'store.readDocument',
  'directory.account',
  'directory.memberOf',
  'reader.read',
  'activityLog.find',
];

/** The places of all calls that change something, 1 for the first, where nobody dies. */
async function changingCalls(way: Way): Promise<readonly number[]> {
  const { calls } = (await live(way)).world.interruptions;
  return calls.flatMap((call, index) => (reads.includes(call) ? [] : index + 1));
}

/** The whole way: the agent asks until it is answered, the messages are delivered, people press until it counts, time passes until nothing is left. */
async function live(way: Way, plan: (world: World) => void = () => undefined): Promise<Life> {
  const world = makeWorld(way.rights === undefined ? {} : { rights: way.rights });
  standAccount(world);
  way.prepare?.(world);
  world.azure.set(machine, { name: 'vm-shop', tags: { environment: 'prod' }, properties: { provisioningState: 'Succeeded' } });
  if (way.approvals === 2) world.policies.script('risky', requireApproval(2, ['approvers']));
  const azure = letAzureLive(world, way.azure);
  plan(world);
  const delivery = makeMessageDelivery(world);
  const submit = () => insisting(world, () => world.submit(agentCaller(deployAgent), way.submission));
  const { id } = await submit();
  await delivery.deliverDue();
  world.clock.advanceMs(3 * 60_000);
  await delivery.deliverDue();
  if (way.agent === 'cancels') await insisting(world, () => world.cancel(agentCaller(deployAgent), id));
  for (const voter of way.people === 'nothing' ? [] : [anna, boris]) {
    if ((await operationOf(world, id)).status === 'awaitingApproval') await insisting(world, () => pressOnce(world, id, voter, way));
  }
  if (way.agent === 'asksAgain') expect((await submit()).id).toBe(id);
  await delivery.deliverAll();
  if (way.agent === 'asksAgain') expect((await submit()).id).toBe(id);
  if (way.findsOut === true) {
    for (const operationId of [id, id])
      await insisting(world, () => world.recordFinding(voterOf(anna), { operationId, found: 'effect', note: 'It ran.' }));
    await delivery.deliverAll();
  }
  expect(delivery.deadLettered).toEqual([]);
  return { world, azure, id };
}

/** A press counts, or the person is told that an earlier one did. */
async function pressOnce(world: World, id: OperationId, voter: typeof anna, way: Way): Promise<void> {
  try {
    await world.recordVote(voterOf(voter), await voteFor(world, id, { decision: way.people === 'reject' ? 'reject' : 'approve' }));
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'AlreadyVoted') throw error;
  }
}

/** What a person or a client does after an error: the same once more, and once more. */
async function insisting<Answer>(world: World, act: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!world.interruptions.isDead) throw error;
      world.interruptions.restart();
    }
  }
}

async function expectPromises({ world, azure, id }: Life, way: Way, where: string): Promise<void> {
  // Reading the operation verifies its chain, and that its events tell an operation.
  const { operation, events } = await storedOf(world, id);
  const { status } = operation;
  expect(isTerminal(operation), `${where}: it has ended, as ${status}`).toBe(true);
  expect([way.end, ...(way.ends ?? [])], `${where}: an end that makes sense`).toContain(status);

  const own = azure.effects.filter(({ clientRequestId }) => clientRequestId === id);
  expect(azure.effects.length, `${where}: no effect of anybody else`).toBe(own.length);
  if (status === 'outcomeUnknown') expect(own.length, `${where}: at most one effect`).toBeLessThanOrEqual(1);
  else expect(own.length, `${where}: effects of what is ${status}`).toBe(status === 'succeeded' && methodOf(way) !== 'GET' ? 1 : 0);
  expectOrder(world, way, where);
  const findings = operation.status === 'outcomeUnknown' ? operation.findings.map(({ by }) => by.id) : [];
  expect(findings, `${where}: what a person said is recorded once`).toEqual(way.findsOut === true ? [anna.id] : []);

  expect([...world.access.assignments.keys()], `${where}: no right is left`).toEqual([]);
  const listed = await world.index.query({ top: 10 });
  expect(listed, `${where}: the listing is up to date`).toMatchObject({ entries: [{ id, status }] });
  for (const { group } of operation.cards) {
    const hanging = world.channel.shown.filter((shown) => shown.group === group).at(-1);
    expect(hanging?.subject.operation.status, `${where}: the card is up to date`).toBe(status);
  }
  expect(JSON.stringify(events), `${where}: no secret in an event`).not.toContain('hunter2');
}

function methodOf({ submission: { target } }: Way): string | undefined {
  return 'method' in target ? target.method : undefined;
}

/** Each call has an intent of its own before it; what people must approve has their votes before the first; nothing is called after it had its effect. */
function expectOrder({ effects }: World, way: Way, where: string): void {
  const required = methodOf(way) === 'GET' ? 0 : (way.approvals ?? 1);
  let votes = 0;
  let intents = 0;
  let calls = 0;
  for (const effect of effects) {
    if (effect.startsWith('commit ') && effect.includes('voteRecorded')) votes += 1;
    if (effect.startsWith('commit ') && effect.includes('callStarted')) intents += 1;
    if (!effect.startsWith('call ')) continue;
    calls += 1;
    expect(intents, `${where}: an intent before call ${calls}`).toBeGreaterThanOrEqual(calls);
    expect(votes, `${where}: the votes before call ${calls}`).toBeGreaterThanOrEqual(required);
  }
  const sentBefore = way.azure?.before?.length ?? 0;
  if (required > 0) expect(calls, `${where}: no call after an effect`).toBeLessThanOrEqual(sentBefore + 1);
}
