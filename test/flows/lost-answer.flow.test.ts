import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/child-program.ts';
import { production, storageAccount, storageVersion, useSharedEnvironment } from '../support/running-environment.ts';

const running = useSharedEnvironment();
const account = storageAccount(production, 'stproddata');

async function kindsOf(id: string): Promise<readonly string[]> {
  return (await running().api.events(id)).map(({ detail }) => detail.kind);
}

describe('Azure in trouble', () => {
  it('that is too busy is asked again when it said, and the call is made once', async () => {
    const { api, effectsOn, resourceManager } = running();
    const path = storageAccount(production, 'strottled');
    resourceManager.faults.inject({ name: 'throttle', match: { method: 'PUT', pathEnd: '/strottled' }, retryAfterSeconds: 1 });
    const body = { location: 'westeurope', sku: { name: 'Standard_LRS' }, kind: 'StorageV2' };
    const { id } = (await api.submit('deploy-agent', { method: 'PUT', path, apiVersion: storageVersion, body })).operation();
    await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
    await api.awaitStatus(id, 'succeeded');
    expect((await kindsOf(id)).filter((kind) => kind === 'executionDeferred')).toHaveLength(1);
    expect(effectsOn('strottled').filter(({ effect }) => effect !== null)).toHaveLength(1);
  });

  it('whose answer to a deletion is lost: the target tells that it succeeded, and it is deleted once', async () => {
    const { api, effectsOn, resourceManager } = running();
    resourceManager.faults.inject({ name: 'resetAfterEffect', match: { method: 'DELETE', pathEnd: '/stproddata' } });
    const { id } = (await api.submit('deploy-agent', { method: 'DELETE', path: account, apiVersion: storageVersion })).operation();
    await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
    expect(await api.awaitStatus(id, 'succeeded')).toMatchObject({ next: 'done' });
    expect((await kindsOf(id)).slice(-3)).toEqual(['callStarted', 'outcomeDoubted', 'executionFinished']);
    expect((await api.events(id)).at(-1)?.detail).toMatchObject({
      readBack: { by: 'target', found: 'It was there before the call and is gone.' },
    });
    expect(effectsOn('stproddata')).toHaveLength(1);

    const finding = await api.send('approver-1', 'POST', `/operations/${id}/findings`, { found: 'effect', note: 'It is gone.' });
    expect([finding.status, finding.errorCode()]).toEqual([409, 'OutcomeNotUnknown']);
    const { directory } = running();
    const args = [id, '--found', 'effect', '--note', 'It is gone.', '--directory', directory];
    const ended = await runProgram('infra/local/record-finding.ts', ...args);
    expect([ended.code, ended.out]).toEqual([1, '']);
    expect(ended.err).toContain('OutcomeNotUnknown');
  });
});
