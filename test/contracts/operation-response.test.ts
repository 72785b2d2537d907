import { describe, expect, it } from 'vitest';
import { assessResponse, eventsResponse, listResponse, operationResponse } from '../../shared/contracts/operation-response.ts';
import { findChainFault } from '../../shared/domain/event-chain.ts';
import { advance } from '../../shared/domain/history.ts';
import { instant } from '../../shared/domain/instant.ts';
import type { IndexEntry } from '../../shared/ports/operation-index.ts';
import {
  allow,
  assessment,
  bob,
  deny,
  details,
  happening,
  operationAfter,
  operationId,
  operations,
  requireApproval,
  shownDigest,
  storageAccount,
} from '../domain/sample-operation.ts';

const url = `https://countersign.example.com/api/operations/${operationId}`;
const none = { result: undefined, preview: undefined };

describe('what an operation tells', () => {
  it('of a digest to vote on: nothing, before the preview is stored', () => {
    expect(operationResponse(operations.waiting, none, url)).toHaveProperty('decision.approval', {
      required: 1,
      received: 0,
      groups: ['approvers'],
      votes: [],
      expiresAt: '2026-11-22T00:12:00.000Z',
      url,
    });
  });

  it('of an approval: nothing, where none was asked for', () => {
    expect(operationResponse(operations.allowed, none, url)).not.toHaveProperty('decision.approval');
    expect(operationResponse(operations.denied, none, url)).not.toHaveProperty('decision.approval');
  });

  it('of its fingerprint, its owner and its place in the chain: nothing', () => {
    const text = JSON.stringify(operationResponse(operations.succeeded, none, url));
    expect(text).not.toContain('hmac-sha256');
    expect(text).not.toContain(operations.succeeded.ownerId);
    expect(text).not.toContain(operations.succeeded.head.hash);
  });

  it('while it waits for people, as the API documents it', () => {
    expect(operationResponse(operations.shown, { result: undefined, preview: { sku: 'Standard_LRS' } }, url)).toEqual({
      id: operationId,
      status: 'awaitingApproval',
      next: 'wait',
      digest: operations.shown.digest,
      action: 'microsoft.storage/storageaccounts/delete',
      target: {
        kind: 'arm',
        method: 'DELETE',
        path: storageAccount,
        apiVersion: '2024-01-01',
        query: { forcedeletion: 'true' },
        headers: { 'if-match': '*' },
      },
      justification: 'The account is no longer needed.',
      agent: { id: '44444444-4444-4444-8444-000000000001', name: 'deploy-agent', issuer: 'https://login.example/v2.0' },
      createdAt: '2026-11-21T20:21:00.000Z',
      updatedAt: '2026-11-21T20:21:00.000Z',
      risk: {
        level: 'high',
        environment: 'production',
        factors: [{ code: 'destroysData', level: 'high', detail: 'What it deletes holds data.', evidence: 'DELETE' }],
      },
      decision: {
        outcome: 'requireApproval',
        reasons: ['deploy-agents-ask-one-person'],
        approval: {
          digest: shownDigest,
          preview: {
            state: 'present',
            digest: `sha256:${'a'.repeat(64)}`,
            readAt: '2026-11-21T20:12:30.000Z',
            body: { sku: 'Standard_LRS' },
          },
          required: 1,
          received: 0,
          groups: ['approvers'],
          votes: [],
          expiresAt: '2026-11-22T00:12:00.000Z',
          url,
        },
      },
    });
  });

  it('of its votes: who, what, when, where, and why', () => {
    expect(operationResponse(operations.approved, none, url)).toMatchObject({
      status: 'approved',
      next: 'wait',
      executeBy: '2026-11-21T21:20:00.000Z',
      decision: {
        approval: {
          received: 1,
          votes: [
            {
              voter: { id: '55555555-5555-4555-8555-000000000001', name: 'Alice Approver' },
              decision: 'approve',
              reason: 'Looked at it.',
              channel: 'teams',
              at: '2026-11-21T20:20:00.000Z',
            },
          ],
        },
      },
    });
    expect(operationResponse(operations.approved, none, url)).not.toHaveProperty('decision.approval.expiresAt');
  });

  it('of its result, masked', () => {
    const after = advance(operationId, operations.calling, [
      happening({ ...details.executionFinishedSucceeded, result: { status: 200, masked: ['keys[0].value'] } }),
    ]).operation;
    const result = { keys: [{ keyName: 'key1', value: '«masked»' }] };
    expect(operationResponse(after, { result, preview: undefined }, url)).toMatchObject({
      status: 'succeeded',
      next: 'done',
      detail: 'Azure answered 200.',
      result: { status: 200, body: result, masked: ['keys[0].value'] },
    });
  });

  it('of a result that nobody knows: no status and no body', () => {
    expect(operationResponse(operations.outcomeUnknown, none, url)).toMatchObject({
      status: 'outcomeUnknown',
      next: 'stop',
      detail: 'The connection was lost.',
      result: { masked: [] },
    });
    expect(operationResponse(operations.outcomeUnknown, none, url)).not.toHaveProperty('result.status');
    expect(operationResponse(operations.outcomeUnknown, none, url)).not.toHaveProperty('result.body');
  });

  it('of a result that nobody knows: what people found who looked', () => {
    const found = operationAfter(operations.outcomeUnknown, details.findingRecorded);
    expect(operationResponse(operations.outcomeUnknown, none, url)).toMatchObject({ findings: [] });
    expect(operationResponse(found, none, url)).toMatchObject({
      status: 'outcomeUnknown',
      next: 'stop',
      findings: [{ by: bob, found: 'noEffect', note: 'The account is still there.', at: '2026-11-21T20:21:00.000Z' }],
    });
    expect(operationResponse(operations.succeeded, none, url)).not.toHaveProperty('findings');
  });

  it.each([
    ['denied', 'stop', 'No agent may do this.'],
    ['rejected', 'stop', 'Too late in the day.'],
    ['expired', 'resubmit', 'The target has changed.'],
    ['cancelled', 'stop', 'The agent took it back.'],
  ] as const)('%s, and why', (state, next, detail) => {
    expect(operationResponse(operations[state], none, url)).toMatchObject({ status: state, next, detail });
    expect(operationResponse(operations[state], none, url)).not.toHaveProperty('result');
  });
});

describe('a dry run tells', () => {
  it('what would be asked of people', () => {
    expect(assessResponse('a/write', assessment, requireApproval)).toMatchObject({
      action: 'a/write',
      risk: { level: 'high', environment: 'production' },
      decision: {
        outcome: 'requireApproval',
        policyVersion: 'sha256:policy-1',
        approval: { required: 1, groups: ['approvers'], expiresInSeconds: 14_400 },
      },
    });
  });

  it.each([allow, deny])('$outcome, which asks nothing of people', (decision) => {
    expect(assessResponse('a/write', assessment, decision)).toHaveProperty('decision', {
      outcome: decision.outcome,
      reasons: decision.reasons,
      policyVersion: 'sha256:policy-1',
    });
  });

  it('which policies deny, and what they advise', () => {
    const policies = [{ id: 'no-writes' }, { id: 'ask-first', advice: 'Ask Ada.' }];
    expect(assessResponse('a/write', assessment, { ...deny, policies })).toMatchObject({ decision: { outcome: 'deny', policies } });
  });
});

describe('a list', () => {
  const entry: IndexEntry = {
    id: operationId,
    sequence: 3,
    status: 'expired',
    action: 'a/write',
    agentId: 'agent',
    agentName: 'deploy-agent',
    riskLevel: 'high',
    resourceId: '/subscriptions/x',
    createdAt: instant('2026-11-21T20:12:00.000Z'),
    updatedAt: instant('2026-11-21T20:13:00.000Z'),
  };

  it('has no next link at its end', () => {
    expect(listResponse([], (id) => id, undefined)).toEqual({ value: [] });
  });

  it('has a line for each operation, and where to go on', () => {
    expect(listResponse([entry], (id) => `https://x/${id}`, 'https://x/?continuationToken=t')).toEqual({
      value: [
        {
          id: operationId,
          status: 'expired',
          next: 'resubmit',
          action: 'a/write',
          resourceId: '/subscriptions/x',
          agent: { id: 'agent', name: 'deploy-agent' },
          risk: { level: 'high' },
          createdAt: '2026-11-21T20:12:00.000Z',
          updatedAt: '2026-11-21T20:13:00.000Z',
          url: `https://x/${operationId}`,
        },
      ],
      nextLink: 'https://x/?continuationToken=t',
    });
  });
});

it('events come as they are chained, so that anybody can check the chain', () => {
  const { events } = advance(
    operationId,
    undefined,
    [details.submitted, details.assessed, details.decidedDeny].map((detail) => happening(detail)),
  );
  const answered: { value: typeof events } = JSON.parse(JSON.stringify(eventsResponse(events)));
  expect(findChainFault(operationId, answered.value)).toBeUndefined();
});
