import { describe, expect, it } from 'vitest';
import { isTerminal, type OperationId } from '../../shared/domain/operation.ts';
import { RequestError } from '../../shared/domain/request-error.ts';
import type { Submission } from '../../shared/use-cases/submit-operation.ts';
import { agentCaller, anna, boris, deployAgent } from './cast.ts';
import { type AzureEffect, type AzureManners, letAzureLive } from './living-azure.ts';
import { makeMessageDelivery } from './message-delivery.ts';
import { account, operationOf, standAccount, storedOf, voteFor, voterOf } from './scenarios.ts';
import { requireApproval } from './scripted-policies.ts';
import { makeWorld, type World } from './world.ts';

/*
 * The process dies at every call of a port, on every kind of way that an operation can take: before the first call, and after each, when it had its effect
 * and nobody knows its answer (which leaves what dying before the next one leaves; dying after a call that only reads leaves what dying before it leaves). Then it is started again, everything that was not settled comes again,
 * agents and people repeat themselves, and time passes until nothing is left to happen. Whatever happened, the promises hold.
 */

export type Way = {
  readonly name: string;
  readonly submission: Submission;
  readonly azure?: AzureManners;
  /** Calls of a vault that come to nothing before the one that counts. */
  readonly sentBefore?: number;
  /** What people do where they are asked. */
  readonly people?: 'approve' | 'reject' | 'nothing';
  readonly approvals?: 1 | 2;
  readonly agent?: 'cancels' | 'asksAgain' | 'collects';
  readonly rights?: 'perOperation';
  /** Somebody looks for what came of it where nobody knows, and says so. */
  readonly findsOut?: true;
  readonly prepare?: (world: World) => void;
  /** Where it ends if nobody dies. */
  readonly end: string;
  /** Where it may end beside that if somebody does. */
  readonly ends?: readonly string[];
};

export const machine = account.replace('microsoft.storage/storageaccounts/stshop', 'microsoft.compute/virtualmachines/vm-shop');

/** `effects`: what changed in Azure and in its vaults. `collected`: every value that the agent was given. */
type Life = {
  readonly world: World;
  readonly id: OperationId;
  readonly effects: () => readonly AzureEffect[];
  readonly collected: readonly string[];
};

/** Tries every death on every way. */
export function describeWays(ways: readonly Way[]): void {
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
}

/** Tries a second death soon after each. */
export function describeTwice(ways: readonly Way[]): void {
  describe.each(ways)('$name', { timeout: 120_000 }, (way) => {
    it('keeps every promise where the process dies again soon after it was started again', async () => {
      for (const first of await changingCalls(way)) {
        for (const later of [2, 6]) {
          const life = await live(way, ({ interruptions }) => interruptions.dieAfter(first, first + later));
          await expectPromises(life, way, `died after calls ${first} and ${first + later}`);
        }
      }
    });
  });
}

const reads: readonly string[] = [
  'store.read',
  'store.readDocument',
  'directory.account',
  'directory.memberOf',
  'reader.read',
  'activityLog.find',
  'vaultReader.read',
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
  const collected: string[] = [];
  for (const _ of way.agent === 'collects' ? ['once', 'and once more'] : []) {
    await delivery.deliverDue();
    const { secret } = await insisting(world, () => world.read(agentCaller(deployAgent), id));
    if (secret !== undefined) collected.push(secret);
  }
  await delivery.deliverAll();
  if (way.agent === 'asksAgain') expect((await submit()).id).toBe(id);
  if (way.findsOut === true) {
    for (const operationId of [id, id])
      await insisting(world, () => world.recordFinding(voterOf(anna), { operationId, found: 'effect', note: 'It ran.' }));
    await delivery.deliverAll();
  }
  expect(delivery.deadLettered).toEqual([]);
  return { world, id, collected, effects: () => [...azure.effects, ...world.keyVault.effects] };
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

async function expectPromises({ world, id, effects, collected }: Life, way: Way, where: string): Promise<void> {
  // Reading the operation verifies its chain, and that its events tell an operation.
  const { operation, events } = await storedOf(world, id);
  const { status } = operation;
  expect(isTerminal(operation), `${where}: it has ended, as ${status}`).toBe(true);
  expect([way.end, ...(way.ends ?? [])], `${where}: an end that makes sense`).toContain(status);

  const own = effects().filter(({ clientRequestId }) => clientRequestId === id);
  expect(effects().length, `${where}: no effect of anybody else`).toBe(own.length);
  if (status === 'outcomeUnknown') expect(own.length, `${where}: at most one effect`).toBeLessThanOrEqual(1);
  else expect(own.length, `${where}: effects of what is ${status}`).toBe(status === 'succeeded' && changes(way) ? 1 : 0);
  expectOrder(world, way, where);
  const findings = operation.status === 'outcomeUnknown' ? operation.findings.map(({ by }) => by.id) : [];
  expect(findings, `${where}: what a person said is recorded once`).toEqual(way.findsOut === true ? [anna.id] : []);

  expect(collected.length, `${where}: a value is given once at most`).toBeLessThanOrEqual(1);
  if (way.agent === 'collects' && where === 'undisturbed') expect(collected).toHaveLength(1);
  expect(await world.store.readDocument(id, 'handover'), `${where}: no value waits for ever`).toBeUndefined();
  expect([...world.access.assignments.keys()], `${where}: no right is left`).toEqual([]);
  const listed = await world.index.query({ top: 10 });
  expect(listed, `${where}: the listing is up to date`).toMatchObject({ entries: [{ id, status }] });
  for (const { group } of operation.cards) {
    const hanging = world.channel.shown.filter((shown) => shown.group === group).at(-1);
    expect(hanging?.subject.operation.status, `${where}: the card is up to date`).toBe(status);
  }
  const told = [await world.store.readDocument(id, 'result'), await world.store.readDocument(id, 'preview'), collected, world.log];
  expect(JSON.stringify([events, ...told]), `${where}: no secret in an event, an answer, a card or a log`).not.toContain('hunter2');
}

const harmless: readonly unknown[] = ['GET', 'get'];

function changes({ submission: { target } }: Way): boolean {
  return !harmless.includes('fields' in target ? target.fields['method'] : target.method);
}

/** Each call has an intent of its own before it; what people must approve has their votes before the first; nothing is called after it had its effect. */
function expectOrder({ effects }: World, way: Way, where: string): void {
  const required = changes(way) ? (way.approvals ?? 1) : 0;
  let votes = 0;
  let intents = 0;
  let calls = 0;
  for (const effect of effects) {
    if (effect.startsWith('commit ') && effect.includes('voteRecorded')) votes += 1;
    if (effect.startsWith('commit ') && effect.includes('callStarted')) intents += 1;
    if (!/^(?:call|vault) /.test(effect)) continue;
    calls += 1;
    expect(intents, `${where}: an intent before call ${calls}`).toBeGreaterThanOrEqual(calls);
    expect(votes, `${where}: the votes before call ${calls}`).toBeGreaterThanOrEqual(required);
  }
  const sentBefore = way.sentBefore ?? way.azure?.before?.length ?? 0;
  if (required > 0) expect(calls, `${where}: no call after an effect`).toBeLessThanOrEqual(sentBefore + 1);
}
