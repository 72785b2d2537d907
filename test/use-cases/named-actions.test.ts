import { describe, expect, it } from 'vitest';
import { account, approveDeletion, lastMessage, operationOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const target = { method: 'POST', path: `${account}/regenerateKey/Primary` };

describe('an action that ends in an argument', () => {
  it('is about the resource before it, from the submission to the call', async () => {
    const world = makeWorld();
    const id = await approveDeletion(world, { target });
    const waiting = await operationOf(world, id);
    expect(waiting).toMatchObject({
      action: 'microsoft.storage/storageaccounts/regeneratekey/action',
      target: { path: `${account}/regeneratekey/Primary`, resourceId: account.toLowerCase(), type: 'microsoft.storage/storageaccounts' },
    });
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls.map(({ request }) => [request.method, request.path])).toEqual([['POST', `${account}/regeneratekey/Primary`]]);
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expect(world.azure.reads).toContain(account);
    expect(world.azure.reads.filter((path) => /regeneratekey/i.test(path))).toEqual([]);
  });
});
