import { describe, expect, it } from 'vitest';
import { isTerminal } from '../../shared/domain/operation.ts';
import { StoreError } from '../../shared/ports/operation-store.ts';
import { agentCaller, anna, deployAgent } from '../support/cast.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { deleteAccount, operationOf, standAccount, voteFor, voterOf } from '../support/scenarios.ts';
import { makeWorld, type World } from '../support/world.ts';

/*
 * One thing that Countersign leans on fails from some moment on and never comes back, in whatever way. Every operation still comes to an end, with at most
 * one call, within a bounded number of messages: deliverAll throws where there is no end of them.
 */

const fail = async (): Promise<never> => {
  throw new Error('it is away, and says so in a way that nobody foresaw');
};

type Outage = { readonly of: string; readonly begin: (world: World) => void };

const outages: readonly Outage[] = [
  {
    of: 'the conversation',
    begin: ({ channel }) => {
      channel.post = fail;
      channel.update = fail;
    },
  },
  {
    of: 'the directory',
    begin: ({ directory }) => {
      directory.account = fail;
      directory.memberOf = fail;
    },
  },
  {
    of: 'the reader of Azure',
    begin: ({ azure }) => {
      azure.reader.read = fail;
    },
  },
  {
    of: 'the broker of credentials',
    begin: ({ azure }) => {
      azure.broker.obtain = fail;
    },
  },
  {
    of: 'the caller of Azure',
    begin: ({ azure }) => {
      azure.caller.callOnce = fail;
      azure.caller.poll = fail;
    },
  },
  {
    of: 'the listing',
    begin: ({ index }) => {
      index.put = fail;
    },
  },
  {
    of: 'the sealed documents, which are damaged',
    begin: ({ store }) => {
      store.readDocument = async () => {
        throw new StoreError('corrupt', 'it cannot be opened');
      };
    },
  },
  {
    of: 'the sealed documents, which cannot be reached',
    begin: ({ store }) => {
      store.readDocument = async () => {
        throw new StoreError('unreachable', 'it cannot be reached');
      };
    },
  },
];

describe.each(outages)('an outage of $of', { timeout: 60_000 }, ({ begin }) => {
  it('from the submission on lets the operation end', async () => {
    const world = makeWorld();
    standAccount(world);
    const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
    begin(world);
    await endsWithAtMostOneCall(world, id);
  });

  it('from the approval on lets the operation end', async () => {
    const { world, id } = await approved();
    begin(world);
    await endsWithAtMostOneCall(world, id);
  });

  it('while Azure goes on with the call lets the operation end', async () => {
    const { world, id } = await approved();
    world.azure.answerCalls({
      kind: 'accepted',
      status: 202,
      pollUrl: 'https://management.example/operations/1',
      pollStyle: 'asyncOperation',
      retryAfterMs: 60_000,
    });
    await makeMessageDelivery(world).deliverDueOf('execute');
    world.azure.answerPolls({ kind: 'pending', retryAfterMs: 3_600_000 });
    world.clock.setTo('2026-11-22T20:10:00.000Z');
    begin(world);
    await endsWithAtMostOneCall(world, id);
    expect(world.azure.calls).toHaveLength(1);
  });
});

async function approved() {
  const world = makeWorld();
  standAccount(world);
  const { id } = await world.submit(agentCaller(deployAgent), deleteAccount());
  await makeMessageDelivery(world).deliverDueOf('requestApproval');
  await world.recordVote(voterOf(anna), await voteFor(world, id));
  return { world, id };
}

async function endsWithAtMostOneCall(world: World, id: string): Promise<void> {
  await makeMessageDelivery(world).deliverAll();
  const operation = await operationOf(world, id);
  expect(isTerminal(operation), `it is ${operation.status}`).toBe(true);
  expect(world.azure.calls.length).toBeLessThanOrEqual(1);
}
