import { describe, expect, it } from 'vitest';
import { computeVersion, development, production, useRunningEnvironment, virtualMachine } from '../support/running-environment.ts';

// Of its own: what functions that are killed had taken stays locked for a minute, for which no other file should wait.
const running = useRunningEnvironment();

describe('a call that Azure takes and goes on with', () => {
  it('is followed to its end: the machine is gone, and was deleted once', async () => {
    const { api, effectsOn } = running();
    const machine = virtualMachine(production, 'vm-prod-1');
    const { id } = (await api.submit('deploy-agent', { method: 'DELETE', path: machine, apiVersion: computeVersion })).operation();
    await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
    expect(await api.awaitStatus(id, 'succeeded')).toMatchObject({ next: 'done' });
    expect(effectsOn('vm-prod-1')).toMatchObject([{ method: 'DELETE', status: 202, clientRequestId: id }]);
    const gone = await api.submit('deploy-agent', { method: 'GET', path: machine, apiVersion: computeVersion }, { prefer: 'wait=20' });
    expect(gone.operation().result?.status).toBe(404);
    expect((await api.events(id)).slice(-3).map(({ detail }) => detail.kind)).toEqual(['callStarted', 'callAccepted', 'executionFinished']);
  });

  it('cannot be taken back any more, and goes on although the functions are killed meanwhile', async () => {
    const { api, effectsOn, outages } = running();
    const path = `${virtualMachine(development, 'vm-dev-1')}/restart`;
    const { id } = (await api.submit('deploy-agent', { method: 'POST', path, apiVersion: computeVersion })).operation();
    await api.awaitOperation(id, ({ status }) => status !== 'approved');
    const cancel = await api.send('deploy-agent', 'POST', `/operations/${id}/cancel`);
    expect([cancel.status, cancel.errorCode()]).toEqual([409, 'NotCancellable']);
    await expect.poll(async () => (await api.events(id)).map(({ detail }) => detail.kind), { timeout: 45_000 }).toContain('callAccepted');

    await running().host.kill();
    await outages.functions.stop();
    await outages.functions.start();
    expect(await api.awaitStatus(id, 'succeeded')).toMatchObject({ next: 'done' });
    expect(effectsOn('vm-dev-1')).toMatchObject([{ method: 'POST', clientRequestId: id }]);
  });
});
