import { describe, expect, it } from 'vitest';
import { ActivityError } from '../../../shared/adapters/teams/activity-error.ts';
import { makeOperationCard } from '../../../shared/adapters/teams/operation-card.ts';
import { makeTeamsBot } from '../../../shared/adapters/teams/teams-bot.ts';
import { makeTeamsEndpoint } from '../../../shared/adapters/teams/teams-endpoint.ts';
import type { VerifiedActivity } from '../../../shared/adapters/teams/verify-activity.ts';

const request = { headers: { authorization: 'Bearer a.b.c' }, body: new Uint8Array() };

/** The endpoint before an SDK that only notes what it is given. */
function endpointThatVerifies(verify: () => Promise<VerifiedActivity>) {
  const delivered: unknown[] = [];
  const logged: string[] = [];
  const bot = makeTeamsBot({
    botAppId: '22222222-2222-4222-8222-000000000001',
    tenantId: '11111111-1111-4111-8111-111111111111',
    serviceUrl: 'https://smba.trafficmanager.net/teams',
    issuer: 'https://api.botframework.com',
    openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    token: () => Promise.resolve('a.b.c'),
  });
  const log = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const endpoint = makeTeamsEndpoint({
    bot: {
      ...bot,
      deliver: (body, authorization) => {
        delivered.push({ body, authorization });
        return Promise.resolve({ status: 200, body: { routed: true } });
      },
    },
    verify,
    cardOf: makeOperationCard((id) => `https://countersign.example/${id}`),
    onAction: () => Promise.resolve({ message: 'Noted.' }),
    helpText: 'Help.',
    log: { info: log, warn: log, error: log },
  });
  return { endpoint, delivered, logged };
}

describe('what was not verified', () => {
  it('never reaches the SDK, and its sender learns which check failed', async () => {
    const { endpoint, delivered, logged } = endpointThatVerifies(() =>
      Promise.reject(new ActivityError('wrongTenant', 'The activity is of another tenant.')),
    );
    expect(await endpoint(request)).toEqual({
      status: 403,
      body: { error: { code: 'wrongTenant', message: 'The activity is of another tenant.' } },
    });
    expect(delivered).toEqual([]);
    expect(logged).toEqual(['An activity was refused. {"code":"wrongTenant"}']);
  });

  it('is a bare 500 where the check itself broke', async () => {
    const { endpoint, delivered, logged } = endpointThatVerifies(() => Promise.reject(new RangeError('secret detail')));
    expect(await endpoint(request)).toEqual({ status: 500, body: undefined });
    expect(delivered).toEqual([]);
    expect(logged).toEqual(['An activity could not be handled. {"error":"RangeError"}']);
  });
});

describe('what was verified', () => {
  it.each(['installationUpdate', 'conversationUpdate', 'other'] as const)('as %s is acknowledged and has no effect', async (kind) => {
    const { endpoint, delivered } = endpointThatVerifies(() => Promise.resolve({ kind, body: {} }));
    expect(await endpoint(request)).toEqual({ status: 200, body: undefined });
    expect(delivered).toEqual([]);
  });

  it('as a message reaches the SDK with the very body that was verified', async () => {
    const person = { id: '55555555-5555-4555-8555-000000000001', name: 'Ada Approver' };
    const { endpoint, delivered } = endpointThatVerifies(() => Promise.resolve({ kind: 'message', person, body: { type: 'message' } }));
    expect(await endpoint(request)).toEqual({ status: 200, body: { routed: true } });
    expect(delivered).toEqual([{ body: { type: 'message' }, authorization: 'Bearer a.b.c' }]);
  });
});
