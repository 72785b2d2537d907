import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import { managedIdentities } from '../../infra/local/seed.ts';
import { instant } from '../../shared/domain/instant.ts';
import { letAzureLive } from '../support/living-azure.ts';
import { makeMessageDelivery } from '../support/message-delivery.ts';
import { approveDeletion, storedOf, waitForVotes } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';
import { audit } from './audit.ts';
import type { Evidence } from './evidence.ts';
import { nothingReported } from './report-findings.ts';

const quiet = { active: 0, scheduled: 0, nextAt: undefined, dead: 0, setAside: 0 };

/** A deletion that succeeded, with one call in the log of Azure, a minute after it was approved. */
async function goodEvidence(rights: 'standing' | 'perOperation' = 'standing') {
  const world = makeWorld({ rights });
  letAzureLive(world);
  const id = await approveDeletion(world);
  await makeMessageDelivery(world).deliverAll();
  const { operation, events } = await storedOf(world, id);
  const call: LoggedRequest = {
    sequence: 1,
    receivedAt: '2026-11-21T20:13:00.000Z',
    method: 'DELETE',
    url: operation.target.path,
    principalId: null,
    status: 200,
    effect: { kind: 'delete', resourceId: operation.target.resourceId },
    clientRequestId: id,
    correlationId: 'c',
    requestId: 'r',
    bodySha256: null,
    bodySizeBytes: 0,
    operationId: null,
    faults: [],
  };
  const examined = { id, events, operation, faults: [] };
  const evidence: Evidence = {
    played: [{ index: 1, kind: 'delete', ids: [id], surprises: [] }],
    stored: new Map([[id, examined]]),
    listing: { statuses: new Map([[id, 'succeeded']]), waiting: [] },
    strayMessageIds: [],
    requests: [call],
    unconditionalWrites: 0,
    valuesSeen: new Map(),
    rightsLeft: [],
    reported: nothingReported,
    left: quiet,
  };
  return { id, call, examined, evidence };
}

/** The same, by a right of its own: wanted at 20:12, made and removed a minute before and after the call. */
async function evidenceOfRight() {
  const { evidence, call, examined } = await goodEvidence('perOperation');
  const wanted = examined.events.find(({ detail }) => detail.kind === 'accessRequested')?.detail;
  const resourceId = wanted?.kind === 'accessRequested' ? wanted.grant.assignmentId : '';
  const ofRight = { ...call, url: resourceId, principalId: managedIdentities.granter.principalId, clientRequestId: 'some-uuid' };
  const making: LoggedRequest = {
    ...ofRight,
    receivedAt: '2026-11-21T20:12:30.000Z',
    method: 'PUT',
    status: 201,
    effect: { kind: 'write', resourceId },
  };
  const removal: LoggedRequest = {
    ...ofRight,
    sequence: 3,
    receivedAt: '2026-11-21T20:13:30.000Z',
    effect: { kind: 'delete', resourceId },
  };
  const second = { ...call, sequence: 2 };
  return { evidence: { ...evidence, requests: [making, second, removal] }, making, call: second, removal, resourceId };
}

function broken(evidence: Evidence): readonly string[] {
  return audit(evidence).flatMap(({ promise, breaches }) => (breaches.length > 0 ? [promise] : []));
}

describe('the audit', () => {
  it('finds nothing where every promise was kept', async () => {
    expect(broken((await goodEvidence()).evidence)).toEqual([]);
  });

  it('finds an operation that an agent was told of and nobody knows', async () => {
    const { evidence } = await goodEvidence();
    const played = [{ index: 2, kind: 'delete' as const, ids: ['op_lost'], surprises: [] }];
    expect(broken({ ...evidence, played })).toEqual(['what an agent was told of is stored']);
  });

  it('finds one request that became two operations', async () => {
    const { evidence, id, examined } = await goodEvidence();
    const played = [{ index: 1, kind: 'delete' as const, ids: [id, 'op_2'], surprises: [] }];
    const stored = new Map([...evidence.stored, ['op_2', { ...examined, id: 'op_2' }]] as const);
    expect(broken({ ...evidence, played, stored })).toContain('one request is one operation');
  });

  it('finds an operation that has not ended', async () => {
    const { evidence } = await goodEvidence();
    const world = makeWorld();
    const id = await waitForVotes(world);
    const { operation, events } = await storedOf(world, id);
    const stored = new Map([...evidence.stored, [id, { id, events, operation, faults: [] }]] as const);
    const listing = { statuses: new Map([...evidence.listing.statuses, [id, operation.status]] as const), waiting: [] };
    expect(broken({ ...evidence, stored, listing })).toContain('every operation has ended');
  });

  it('finds a chain that does not hold', async () => {
    const { evidence, id, examined } = await goodEvidence();
    const stored = new Map([[id, { ...examined, faults: ['the chain breaks at event 3: wrongHash'] }]]);
    expect(broken({ ...evidence, stored })).toEqual(['every chain of events holds']);
  });

  it('finds a state that was replaced whatever it was', async () => {
    const { evidence } = await goodEvidence();
    expect(broken({ ...evidence, unconditionalWrites: 2 })).toEqual(['no state is replaced but the one that was read']);
  });

  it('finds a call of nobody', async () => {
    const { evidence, call } = await goodEvidence();
    const requests = [...evidence.requests, { ...call, sequence: 2, clientRequestId: 'somebody-else' }];
    expect(broken({ ...evidence, requests })).toEqual(['no call without an operation']);
  });

  it('finds a call that came before its intent', async () => {
    const { evidence, id, examined, call } = await goodEvidence();
    const events = examined.events.map((event) =>
      event.detail.kind === 'callStarted' ? { ...event, at: instant('2026-11-21T20:13:00.001Z') } : event,
    );
    expect(broken({ ...evidence, requests: [call], stored: new Map([[id, { ...examined, events }]]) })).toEqual([
      'no call without an intent before it',
    ]);
  });

  it('finds a second call, with or without an effect of its own', async () => {
    const { evidence, call } = await goodEvidence();
    const again = { ...call, sequence: 2, status: 404, effect: null };
    expect(broken({ ...evidence, requests: [call, again] })).toEqual([
      'no call without an intent before it',
      'nothing is called again after it had its effect',
    ]);
    expect(broken({ ...evidence, requests: [call, { ...call, sequence: 2 }] })).toContain('a success is exactly one effect');
  });

  it('finds a call without its votes', async () => {
    const { evidence, id, examined } = await goodEvidence();
    const events = examined.events.filter(({ detail }) => detail.kind !== 'voteRecorded');
    expect(broken({ ...evidence, stored: new Map([[id, { ...examined, events }]]) })).toEqual([
      'no call without the votes that it needs before it',
    ]);
  });

  it('finds a success that nobody can see in Azure', async () => {
    const { evidence } = await goodEvidence();
    expect(broken({ ...evidence, requests: [] })).toEqual(['a success is exactly one effect']);
  });

  it('finds nothing where a right came and went with its operation', async () => {
    expect(broken((await evidenceOfRight()).evidence)).toEqual([]);
  });

  it('finds a right that no operation wanted', async () => {
    const { evidence, making, call, removal } = await evidenceOfRight();
    const other = {
      ...making,
      effect: { kind: 'write' as const, resourceId: '/subscriptions/s/providers/microsoft.authorization/roleassignments/x' },
    };
    expect(broken({ ...evidence, requests: [other, call, removal] })).toContain('no right without an intent of its operation before it');
  });

  it('finds a right that was made before its operation said so', async () => {
    const { evidence, making, call, removal } = await evidenceOfRight();
    const early = { ...making, receivedAt: '2026-11-21T20:11:59.999Z' };
    expect(broken({ ...evidence, requests: [early, call, removal] })).toEqual(['no right without an intent of its operation before it']);
  });

  it('finds a right that nobody removed, or only hours later', async () => {
    const { evidence, making, call, removal } = await evidenceOfRight();
    const late = { ...removal, receivedAt: '2026-11-21T22:13:00.000Z' };
    // The target is gone, and with it what was assigned there: somewhere else it would stay.
    const elsewhere = { ...call, effect: { kind: 'delete' as const, resourceId: '/subscriptions/s/elsewhere' } };
    expect(broken({ ...evidence, requests: [making, elsewhere] })).toEqual(['no right stays when its attempt is past']);
    expect(broken({ ...evidence, requests: [making, elsewhere, late] })).toEqual(['no right stays when its attempt is past']);
  });

  it('finds a right that is left, in Azure or on record', async () => {
    const { evidence, resourceId } = await evidenceOfRight();
    expect(broken({ ...evidence, rightsLeft: [resourceId] })).toEqual(['no right is left']);
    const stored = new Map(
      [...evidence.stored].map(([id, { operation, ...rest }]) => {
        const grants = rest.events.flatMap(({ detail }) =>
          detail.kind === 'accessRequested' ? [{ ...detail.grant, standing: 'granted' as const }] : [],
        );
        return [id, { ...rest, operation: operation === undefined ? undefined : { ...operation, grants } }] as const;
      }),
    );
    expect(broken({ ...evidence, stored })).toEqual(['no right is left']);
  });

  it('finds what a person said and nobody recorded, and answers that no person should get', async () => {
    const { evidence, id } = await goodEvidence();
    const said = new Map([[id, [{ by: 'somebody', found: 'effect' as const }]]]);
    const promise = 'what a person found out is recorded once';
    expect(broken({ ...evidence, reported: { said, surprises: [] } })).toEqual([promise]);
    expect(broken({ ...evidence, reported: { said: new Map(), surprises: ['refused'] } })).toEqual([promise]);
  });

  it('finds a listing that lies', async () => {
    const { evidence, id } = await goodEvidence();
    expect(broken({ ...evidence, listing: { statuses: new Map([[id, 'executing']]), waiting: [] } })).toEqual([
      'the listing tells the truth',
    ]);
    expect(broken({ ...evidence, listing: { ...evidence.listing, waiting: [id] } })).toEqual(['the listing tells the truth']);
  });

  it('finds messages that are left, and ones that nobody can explain', async () => {
    const { evidence } = await goodEvidence();
    expect(broken({ ...evidence, left: { ...quiet, dead: 1 } })).toEqual(['no message is left']);
    expect(broken({ ...evidence, left: { ...quiet, setAside: 1 } })).toEqual(['no message is left']);
    expect(broken({ ...evidence, strayMessageIds: ['nonsense'] })).toEqual(['every message that was set aside is about an operation']);
  });
});
