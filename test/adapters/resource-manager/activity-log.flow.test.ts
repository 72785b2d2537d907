import { describe, expect, it } from 'vitest';
import { makeActivityLog } from '../../../shared/adapters/resource-manager/activity-log.ts';
import { makeAzureCaller } from '../../../shared/adapters/resource-manager/azure-caller.ts';
import type { ArmRequest } from '../../../shared/domain/arm-request.ts';
import { instant, instantFromEpochMs } from '../../../shared/domain/instant.ts';
import type { CallOutcome, LoggedOutcome } from '../../../shared/ports/azure.ts';
import {
  computeVersion,
  devAccount,
  devMachine,
  operatorClientId,
  readerClientId,
  storageVersion,
  useResourceManager,
} from '../../infra/local/resource-manager-setup.ts';
import { answering, startRawServer, useCertificates } from './raw-server.ts';

const arm = useResourceManager();
const clock = { now: () => instantFromEpochMs(arm.now()) };
const operationId = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
const deletion: ArmRequest = {
  kind: 'arm',
  method: 'DELETE',
  path: devAccount,
  apiVersion: storageVersion,
  query: {},
  headers: {},
  body: undefined,
};

async function call(sent: ArmRequest): Promise<CallOutcome> {
  const token = await arm.managementToken(operatorClientId);
  const expiresAt = instant('2100-01-01T00:00:00.000Z');
  const caller = makeAzureCaller({ endpoint: arm.manager().address, clock });
  return await caller.callOnce(sent, { tier: 'operator', identity: operatorClientId, token, expiresAt }, operationId);
}

async function logged(resource: string, clientRequestId = operationId): Promise<LoggedOutcome> {
  const getToken = async () => ({ token: await arm.managementToken(readerClientId), expiresOnTimestamp: Date.now() + 3_600_000 });
  const log = makeActivityLog({ endpoint: arm.manager().address, credential: { getToken } });
  const from = instantFromEpochMs(arm.now() - 60_000);
  return await log.find({ resourceId: resource.toLowerCase(), clientRequestId, from, to: instantFromEpochMs(arm.now() + 60_000) });
}

describe('the activity log of a stateful Azure', () => {
  it('says nothing of a call that was not made', async () => {
    expect(await logged(devAccount)).toEqual({ outcome: 'nothing' });
  });

  it('says nothing of a call whose connection broke before Azure acted', async () => {
    arm.manager().faults.inject({ name: 'resetBeforeEffect' });
    expect(await call(deletion)).toMatchObject({ kind: 'doubtful' });
    expect(await logged(devAccount)).toEqual({ outcome: 'nothing' });
  });

  it('says that a call succeeded whose connection broke after Azure acted', async () => {
    arm.manager().faults.inject({ name: 'resetAfterEffect' });
    expect(await call(deletion)).toMatchObject({ kind: 'doubtful' });
    expect(await logged(devAccount)).toEqual({ outcome: 'succeeded' });
  });

  it('says nothing of the calls of others', async () => {
    await call(deletion);
    expect(await logged(devAccount, 'op_bbbbbbbbbbbbbbbbbbbbbbbbbb')).toEqual({ outcome: 'nothing' });
  });

  it('says that a call failed', async () => {
    await call({ ...deletion, method: 'PATCH', body: { properties: 1 } });
    expect(await logged(devAccount)).toEqual({ outcome: 'failed' });
  });

  it('says that a call goes on until it has ended, though its last entry knows no request', async () => {
    const machine: ArmRequest = { ...deletion, path: devMachine, apiVersion: computeVersion };
    const outcome = await call(machine);
    expect(outcome.kind).toBe('accepted');
    expect(await logged(devMachine)).toEqual({ outcome: 'goingOn' });
    arm.advance(60_000);
    expect(await logged(devMachine)).toEqual({ outcome: 'succeeded' });
  });
});

describe('a log that cannot be read says so', () => {
  const certificates = useCertificates();
  const getToken = async () => ({ token: 'the-token', expiresOnTimestamp: Date.now() + 3_600_000 });
  const at = instant('2026-11-21T20:12:00.000Z');
  const asked = { resourceId: '/subscriptions/1/resourcegroups/a', clientRequestId: operationId, from: at, to: at };
  const json = { 'content-type': 'application/json' };

  it.each<[string, number, string]>([
    ['a refusal', 403, '{}'],
    ['what is no list', 200, '{"value":{}}'],
    ['a next page elsewhere', 200, '{"value":[],"nextLink":"https://evil.example/next"}'],
  ])('%s', async (_, status, body) => {
    const server = await startRawServer(certificates(), answering(status, json, body));
    const log = makeActivityLog({ endpoint: server.origin, credential: { getToken } });
    expect(await log.find(asked)).toMatchObject({ outcome: 'unreadable' });
    expect(server.requests).toHaveLength(1);
  });

  it('pages without an end', async () => {
    const server = await startRawServer(certificates(), (socket, request) => {
      const host = /^host: *(.+)$/im.exec(request.head)?.[1] ?? '';
      answering(200, json, `{"value":[],"nextLink":"https://${host}/next"}`)(socket, request);
    });
    const log = makeActivityLog({ endpoint: server.origin, credential: { getToken } });
    expect(await log.find(asked)).toMatchObject({ outcome: 'unreadable' });
    expect(server.requests).toHaveLength(10);
  });

  it('that of the tenant', async () => {
    const server = await startRawServer(certificates(), answering(200));
    const log = makeActivityLog({ endpoint: server.origin, credential: { getToken } });
    expect(await log.find({ ...asked, resourceId: '/providers/microsoft.management/managementgroups/a' })).toMatchObject({
      outcome: 'unreadable',
    });
    expect(server.requests).toEqual([]);
  });
});
