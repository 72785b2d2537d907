import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import { managedIdentities } from '../../infra/local/seed.ts';
import { letAzureLive } from '../support/living-azure.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { approveDeletion, storedOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';
import { auditSecrets } from './audit-secrets.ts';
import type { Evidence } from './evidence.ts';
import type { PlayedRequest } from './play-request.ts';
import { nothingReported } from './report-findings.ts';

const version = '0123456789abcdef0123456789abcdef';

/** An operation that was approved at 20:12, and a value that was read for it a minute later. */
async function evidenceOf(played: Partial<PlayedRequest>, read: Partial<LoggedRequest> = {}, valuesSeen = new Map<string, number>()) {
  const world = makeWorld();
  letAzureLive(world);
  const id = await approveDeletion(world);
  await makeMessageDelivery(world).deliverAll();
  const { operation, events } = await storedOf(world, id);
  const reading: LoggedRequest = {
    sequence: 1,
    receivedAt: '2026-11-21T20:13:00.000Z',
    method: 'GET',
    url: `/kv-dev-1/secrets/chaos-1/${version}?api-version=7.5`,
    principalId: managedIdentities.secrets.principalId,
    status: 200,
    effect: null,
    clientRequestId: 'some-uuid',
    correlationId: 'c',
    requestId: 'r',
    bodySha256: null,
    bodySizeBytes: 0,
    operationId: null,
    faults: [],
    ...read,
  };
  const secret = { vault: 'kv-dev-1', name: 'chaos-1', method: 'reveal', needs: 'present' } as const;
  const evidence: Evidence = {
    played: [{ index: 1, kind: 'revealSecret', ids: [id], surprises: [], secret, collected: [], ...played }],
    stored: new Map([[id, { id, events, operation, faults: [] }]]),
    listing: { statuses: new Map(), waiting: [] },
    strayMessageIds: [],
    requests: [reading],
    valuesSeen,
    unconditionalWrites: 0,
    rightsLeft: [],
    reported: nothingReported,
    left: { active: 0, scheduled: 0, nextAt: undefined, dead: 0, setAside: 0 },
  };
  return auditSecrets(evidence).flatMap(({ promise, breaches }) => breaches.map((breach) => `${promise}: ${breach}`));
}

const handed = 'a value is handed over once at most: request 1:';
const voted = 'no value is read without the votes that it needs before it: request 1:';

describe('the audit of secrets', () => {
  it('finds nothing where a value was read after the votes and seen nowhere', async () => {
    expect(await evidenceOf({})).toEqual([]);
  });

  it('finds a value that was handed over twice, or without a record of it', async () => {
    const twice = await evidenceOf({ collected: ['the value itself', 'the value itself'] });
    expect(twice).toContain(`${handed} its agent was given it 2 times`);
    expect(twice).toContain(`${handed} it was given, and that is not recorded`);
  });

  it('finds a value that is another one', async () => {
    expect(await evidenceOf({ collected: ['something else'] })).toContain(`${handed} something else was given`);
  });

  it('finds a value that was read before the votes', async () => {
    expect(await evidenceOf({}, { receivedAt: '2026-11-21T20:11:00.000Z' })).toEqual([
      `${voted} it was read at 2026-11-21T20:11:00.000Z with 0 of 1 approvals`,
    ]);
  });

  it('finds a value that was read for nobody', async () => {
    expect(await evidenceOf({ ids: [] })).toEqual([`${voted} it was read at 2026-11-21T20:13:00.000Z and that was never permitted`]);
  });

  it('finds where values were seen', async () => {
    expect(await evidenceOf({}, {}, new Map([['what a host logs', 2]]))).toEqual([
      'no value is anywhere but in Azure and its vaults: in what a host logs, 2 times',
    ]);
  });
});
