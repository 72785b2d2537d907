import { describe, expect, it } from 'vitest';
import { isTerminal, type OperationId } from '../../shared/domain/operation.ts';
import { AnnounceError } from '../../shared/ports/announcer.ts';
import type { CallOutcome } from '../../shared/ports/azure.ts';
import { StoreError } from '../../shared/ports/operation-store.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { account, approveDeletion, operationOf, standAccount } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

/*
 * Storage or Service Bus is away for the length of one call, at every place of the whole way from the approval to the end in turn: before the call had its effect, or after it,
 * when its answer is lost. The process lives on and may act on the error. The message is delivered again; nothing is lost, and nothing is done twice.
 */

type Way = {
  readonly name: string;
  readonly prepare: (world: World) => void;
  /** Where it may end, wherever the outage is. */
  readonly ends: readonly string[];
  readonly mostCalls: number;
};

const accepted: CallOutcome = {
  kind: 'accepted',
  status: 202,
  pollUrl: 'https://management.example/operations/1',
  pollStyle: 'asyncOperation',
  retryAfterMs: 10_000,
};

/** Azure does what it is asked, whether or not its answer arrives. */
function deletes(outcome: CallOutcome) {
  return (world: World) => {
    const { callOnce } = world.azure.caller;
    world.azure.answerCalls(outcome);
    world.azure.caller.callOnce = async (...call) => {
      const answer = await callOnce(...call);
      if (answer.kind !== 'busy' && answer.kind !== 'notSent') world.azure.remove(account);
      return answer;
    };
  };
}

const ways: readonly Way[] = [
  {
    name: 'a deletion',
    prepare: deletes({ kind: 'answered', answer: { status: 204, body: undefined } }),
    ends: ['succeeded'],
    mostCalls: 1,
  },
  {
    name: 'a deletion whose answer is lost',
    prepare: deletes({ kind: 'doubtful', reason: 'It was cut.' }),
    ends: ['succeeded'],
    mostCalls: 1,
  },
  {
    name: 'a deletion that goes on in Azure',
    prepare: (world) => {
      deletes(accepted)(world);
      world.azure.answerPolls(
        { kind: 'pending', retryAfterMs: 60_000 },
        { kind: 'answered', answer: { status: 200, body: undefined }, succeeded: true },
      );
    },
    ends: ['succeeded'],
    mostCalls: 1,
  },
  {
    name: 'a deletion that Azure is first too busy for',
    prepare: (world) => {
      deletes({ kind: 'busy', status: 429, retryAfterMs: 1_000 })(world);
      world.azure.answerCalls(
        { kind: 'busy', status: 429, retryAfterMs: 1_000 },
        { kind: 'answered', answer: { status: 204, body: undefined } },
      );
    },
    // Where it cannot be stored that Azure was busy, the target is still there and nobody can say that it will stay.
    ends: ['succeeded', 'outcomeUnknown'],
    mostCalls: 2,
  },
];

type Moment = 'before' | 'after';
/** Counts the calls of storage and Service Bus from now on, and lets one of them fail. */
function disturb(world: World, place: number | undefined, moment: Moment): { readonly count: () => number } {
  let calls = 0;
  const around = async <Answer>(call: () => Promise<Answer>, failure: Error): Promise<Answer> => {
    calls += 1;
    if (calls !== place) return await call();
    if (moment === 'after') await call();
    throw failure;
  };
  const { store, announcer } = world;
  const { append, read, readDocument } = store;
  const { announce } = announcer;
  const storeAway = new StoreError('unreachable', 'the tables cannot be reached');
  store.append = (...given) => around(() => append(...given), storeAway);
  store.read = (...given) => around(() => read(...given), storeAway);
  store.readDocument = (...given) => around(() => readDocument(...given), storeAway);
  announcer.announce = (...given) => around(() => announce(...given), new AnnounceError('the queues cannot be reached'));
  return { count: () => calls };
}

async function live(way: Way, place: number | undefined, moment: Moment) {
  const world = makeWorld();
  standAccount(world);
  const id = await approveDeletion(world);
  way.prepare(world);
  const { count } = disturb(world, place, moment);
  const delivery = makeMessageDelivery(world);
  await delivery.deliverAll();
  return { world, id, delivery, places: count() };
}

describe.each(ways)('$name', (way) => {
  it.each(['before', 'after'] as const)(
    'comes to its end wherever an outage hits, %s the effect of a call',
    { timeout: 60_000 },
    async (moment) => {
      const { places } = await live(way, undefined, moment);
      expect(places).toBeGreaterThan(8);
      for (let place = 1; place <= places; place += 1) {
        const { world, id, delivery } = await live(way, place, moment);
        await expectPromises(world, way, id, `${moment} the effect of call ${place} of ${places}`);
        expect(delivery.deadLettered).toEqual([]);
      }
    },
  );
});

async function expectPromises(world: World, way: Way, id: OperationId, where: string): Promise<void> {
  const operation = await operationOf(world, id);
  expect(isTerminal(operation), `${where}: it has ended, as ${operation.status}`).toBe(true);
  expect(way.ends, where).toContain(operation.status);
  expect(world.azure.calls.length, `${where}: calls`).toBeLessThanOrEqual(way.mostCalls);
  const listed = await world.index.query({ top: 10 });
  expect(listed, `${where}: the listing is up to date`).toMatchObject({ entries: [{ id, status: operation.status }] });
}
