import { describe, expect, it } from 'vitest';
import { makeSeededRandom } from '../../../infra/local/seeded-random.ts';
import { at, computeVersion, devGroup, outcome, storageVersion, useResourceManager } from './resource-manager-setup.ts';

const arm = useResourceManager();
const accounts = ['stone', 'sttwo', 'stthree'].map((name) => ({
  id: `${devGroup}/providers/Microsoft.Storage/storageAccounts/${name}`,
  apiVersion: storageVersion,
}));
const machines = ['vm-one', 'vm-two'].map((name) => ({
  id: `${devGroup}/providers/Microsoft.Compute/virtualMachines/${name}`,
  apiVersion: computeVersion,
}));
const targets = [...accounts, ...machines];
const rates = {
  throttle: 0.1,
  unavailable: 0.05,
  resetBeforeEffect: 0.1,
  slowBeforeEffect: 0.05,
  failLongRunning: 0.3,
  stallLongRunning: 0.1,
  forgetOperation: 0.1,
  lostPollingAddress: 0.2,
  resetAfterEffect: 0.1,
  slow: 0.05,
  truncatedBody: 0.05,
  notJson: 0.05,
};

/** Sends writes and deletions while faults happen, several at a time, over two restarts; nobody believes the answers. */
async function disturb(seed: number): Promise<void> {
  const draw = makeSeededRandom(seed);
  for (let round = 0; round < 3; round += 1) {
    await arm.restart({ longRunning: { durationMs: 10 } });
    arm.manager().faults.randomly({ seed: seed + round, rates, delayMs: 1 });
    for (let step = 0; step < 15; step += 1) {
      const batch = Array.from({ length: 3 }, () => {
        const { id, apiVersion } = targets[Math.floor(draw() * targets.length)] ?? accounts[0] ?? { id: '', apiVersion: '' };
        const isDelete = draw() < 0.5;
        const sent = isDelete ? {} : { body: { location: 'westeurope' } };
        return arm.send(isDelete ? 'DELETE' : 'PUT', at(id, apiVersion), sent).catch(() => undefined);
      });
      await Promise.all(batch);
      arm.advance(Math.floor(draw() * 10));
    }
  }
  arm.manager().faults.clear();
  arm.advance(1000);
}

/** The last thing that the log says was done to the resource, operations that failed left out. */
function lastEffect(id: string): string | undefined {
  const states = new Map(
    arm
      .manager()
      .operations()
      .map((operation) => [operation.id, operation.status]),
  );
  return arm
    .manager()
    .requests()
    .filter(({ effect }) => effect?.resourceId === id)
    .filter(({ effect, operationId }) => effect?.kind === 'write' || operationId === null || states.get(operationId) === 'Succeeded')
    .at(-1)?.effect?.kind;
}

describe('whatever goes wrong', () => {
  it.each([1, 2, 3])('the log tells what is there, by seed %i', async (seed) => {
    await disturb(seed);
    const there = await Promise.all(targets.map(async ({ id, apiVersion }) => (await arm.send('GET', at(id, apiVersion))).status === 200));
    expect(there).toEqual(targets.map(({ id }) => lastEffect(id) === 'write'));
    expect(arm.manager().requests().length).toBe(3 * 15 * 3 + targets.length);
    expect(
      arm
        .manager()
        .requests()
        .filter(({ faults }) => faults.length > 0).length,
    ).toBeGreaterThan(20);
  });

  it('every operation has ended once the faults have', async () => {
    await disturb(4);
    expect(
      arm
        .manager()
        .operations()
        .filter(({ status }) => status === 'InProgress'),
    ).toEqual([]);
    const { status } = outcome(await arm.send('GET', at(devGroup, '2025-04-01')));
    expect(status).toBe(200);
  });
});
