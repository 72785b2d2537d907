import { describe, expect, it } from 'vitest';
import { production, storageAccount, storageVersion, useSharedEnvironment } from '../support/running-environment.ts';

const running = useSharedEnvironment();
const removal = { method: 'DELETE', path: storageAccount(production, 'stproddata'), apiVersion: storageVersion };
const reading = { method: 'GET', path: `${production}/providers/Microsoft.Storage/storageAccounts`, apiVersion: storageVersion };

describe('a request that is sent again under its Repeatability-Request-ID', () => {
  it('is the same operation, however many are sent at once, and has one effect', async () => {
    const { api, effectsOn } = running();
    const headers = { 'repeatability-request-id': '2f6c2f5e-9d0c-4f0e-8a53-000000000001' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.submit('deploy-agent', removal, headers)));
    const [id = '', ...others] = [...new Set(answers.map((answer) => answer.operation().id))];
    expect(others).toEqual([]);
    expect(new Set(answers.map((answer) => answer.headers.get('repeatability-result')))).toEqual(new Set(['accepted']));

    await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
    await api.awaitStatus(id, 'succeeded');
    const again = await api.submit('deploy-agent', removal, headers);
    expect([again.status, again.operation().id, again.operation().status]).toEqual([200, id, 'succeeded']);
    expect(effectsOn('stproddata')).toHaveLength(1);
    const kinds = (await api.events(id)).map(({ detail }) => detail.kind);
    expect(kinds.filter((kind) => kind === 'submitted' || kind === 'approvalRequested')).toEqual(['submitted', 'approvalRequested']);
  });

  it.each([
    ['another target', { ...reading, path: `${production}/providers/Microsoft.Compute/virtualMachines` }, undefined],
    ['another query', { ...reading, query: { $expand: 'x' } }, undefined],
    ['another justification', reading, 'Something else'],
  ])('is a conflict with %s', async (difference, target, justification) => {
    const { api } = running();
    const headers = { 'repeatability-request-id': `conflict-${difference.replaceAll(' ', '-')}` };
    expect((await api.submit('deploy-agent', reading, headers)).operation().status).toBe('approved');
    const other = await api.submit('deploy-agent', target, headers, justification);
    expect([other.status, other.errorCode()]).toEqual([409, 'RepeatabilityConflict']);
  });

  it('is its own for each agent: nobody meets or blocks an operation of another agent by guessing an id', async () => {
    const { api } = running();
    const headers = { 'repeatability-request-id': 'the-same-for-both' };
    const first = (await api.submit('deploy-agent', reading, headers)).operation();
    const second = (await api.submit('audit-agent', reading, headers)).operation();
    expect(second.id).not.toBe(first.id);
    expect((await api.read('audit-agent', first.id)).status).toBe(404);
  });

  it.each([
    ['an empty id', { 'repeatability-request-id': '' }],
    ['an id with a space', { 'repeatability-request-id': 'a b' }],
    ['an id sent twice', { 'repeatability-request-id': 'one,two' }],
    ['an id that is too long', { 'repeatability-request-id': 'x'.repeat(129) }],
    ['a time without an id', { 'repeatability-first-sent': 'Sat, 21 Nov 2026 20:12:00 GMT' }],
    ['a time that is no HTTP date', { 'repeatability-request-id': 'x', 'repeatability-first-sent': '2026-11-21T20:12:00Z' }],
  ])('is refused with %s', async (_, headers: Record<string, string>) => {
    const answer = await running().api.submit('deploy-agent', reading, headers);
    expect([answer.status, answer.errorCode()]).toEqual([400, 'InvalidRequest']);
  });
});
