import { describe, expect, it } from 'vitest';
import { agentClaims, azureCli, type Claims, inFirstVersion, nowSeconds, personClaims, sign, theirs } from '../adapters/entra/tokens.ts';
import { otherAgent } from '../support/cast.ts';
import type { Routes } from '../support/functions-of.ts';
import { operationOf } from '../support/scenarios.ts';
import { tokenStage as stage } from './token-stage.ts';

const allRoutes: readonly (keyof Routes)[] = ['submit', 'assess', 'read', 'list', 'events', 'decide', 'finding', 'cancel'];
const forAgents: readonly (keyof Routes)[] = ['submit', 'assess', 'cancel'];
const forReaders: readonly (keyof Routes)[] = ['read', 'list', 'events'];

describe('a token that does not verify is a 401 that says no more, and stores nothing', () => {
  it.each<[string, Claims, Claims, string]>([
    ['of another issuer', { iss: 'https://evil.example' }, {}, 'ForeignToken'],
    ['for another API', { aud: 'https://graph.microsoft.com' }, {}, 'ForeignToken'],
    ['of another tenant', { tid: '99999999-1111-4111-8111-111111111111' }, {}, 'ForeignToken'],
    ['that has expired', { exp: nowSeconds - 60 }, {}, 'ExpiredToken'],
    ['that is not valid yet', { nbf: nowSeconds + 61 }, {}, 'InvalidToken'],
    ['of an unknown key', {}, { kid: 'unknown' }, 'InvalidToken'],
    ['that brings its key', {}, { jwk: theirs.jwk }, 'InvalidToken'],
    ['of no clear kind', { scp: 'Operation.Approve' }, {}, 'InvalidToken'],
  ])('%s', async (_, claims, header, code) => {
    const { send, effects } = await stage();
    const token = await sign({ ...agentClaims, ...claims }, header);
    for (const route of allRoutes) {
      const answer = await send(route, `Bearer ${token}`);
      expect([route, answer.status, answer.code, answer.challenge]).toEqual([route, 401, code, 'Bearer error="invalid_token"']);
    }
    expect(effects()).toEqual([]);
  });

  it('sent twice', async () => {
    const { send, effects } = await stage();
    const token = await sign(agentClaims);
    expect(await send('submit', `Bearer ${token}, Bearer ${token}`)).toMatchObject({ status: 401, code: 'InvalidToken' });
    expect(effects()).toEqual([]);
  });

  it('whose keys cannot be had is a 503 instead', async () => {
    const { send, state, effects } = await stage();
    state.failing = true;
    expect(await send('submit', `Bearer ${await sign(agentClaims)}`)).toMatchObject({ status: 503, code: 'Unavailable' });
    expect(effects()).toEqual([]);
  });
});

describe('an agent', () => {
  it.each([...forAgents, ...forReaders])('without the role is refused: %s', async (route) => {
    const { send, effects } = await stage();
    const token = await sign({ ...agentClaims, roles: ['Operation.Approve', 'operation.submit'] });
    expect(await send(route, `Bearer ${token}`)).toMatchObject({ status: 403, code: 'MissingRole' });
    expect(effects()).toEqual([]);
  });

  it.each([...forAgents, ...forReaders])('that nobody registered is refused, whatever its token says: %s', async (route) => {
    const { send, effects } = await stage();
    const oid = '44444444-4444-4444-8444-0000000000ff';
    const token = await sign({ ...agentClaims, oid, sub: oid, roles: ['Operation.Submit', 'Operation.Approve', 'Audit.Read'] });
    expect(await send(route, `Bearer ${token}`)).toMatchObject({ status: 403, code: 'AgentRefused' });
    expect(effects()).toEqual([]);
  });

  it('that nobody registered leaves no trace by voting', async () => {
    const { send, effects } = await stage();
    const oid = '44444444-4444-4444-8444-0000000000ff';
    expect(await send('decide', `Bearer ${await sign({ ...agentClaims, oid, sub: oid })}`)).toMatchObject({
      status: 403,
      code: 'AgentRefused',
    });
    expect(effects()).toEqual([]);
  });

  it('does not vote, in either version of its token, and its attempts are recorded', async () => {
    const { send, world, id } = await stage();
    for (const claims of [agentClaims, inFirstVersion(agentClaims)]) {
      expect(await send('decide', `Bearer ${await sign(claims)}`)).toMatchObject({ status: 403, code: 'PersonRequired' });
    }
    expect(await operationOf(world, id)).toMatchObject({ status: 'awaitingApproval', votes: [], refusedVotes: 2 });
  });

  it('sees nothing of another agent', async () => {
    const { send } = await stage();
    const token = await sign({ ...agentClaims, oid: otherAgent.objectId, sub: otherAgent.objectId });
    expect(await send('read', `Bearer ${token}`)).toMatchObject({ status: 404, code: 'OperationNotFound' });
    expect(await send('list', `Bearer ${token}`)).toMatchObject({ status: 200, body: { value: [] } });
  });
});

describe('a person', () => {
  it.each(forAgents)('is not taken for an agent, whatever the roles and scopes say: %s', async (route) => {
    const { send, effects } = await stage();
    const token = await sign({ ...personClaims, roles: ['Operation.Submit'], scp: 'Operation.Submit Operation.Approve' });
    expect(await send(route, `Bearer ${token}`)).toMatchObject({ status: 403, code: 'AgentRequired' });
    expect(effects()).toEqual([]);
  });

  it.each([...forReaders, 'decide' as const, 'finding' as const, 'health' as const])(
    'whose token came through Azure CLI is refused: %s',
    async (route) => {
      const { send, effects } = await stage();
      for (const claims of [{ ...personClaims, azp: azureCli }, inFirstVersion({ ...personClaims, azp: azureCli })]) {
        expect(await send(route, `Bearer ${await sign(claims)}`)).toMatchObject({ status: 403, code: 'ClientNotAllowed' });
      }
      expect(effects()).toEqual([]);
    },
  );

  it.each([
    ['the role of approvers without the scope', 'Audit.Read'],
    ['a scope that only starts as ours does', 'Operation.Approve.All'],
    ['our scope in another case', 'operation.approve'],
  ])('does not vote with %s', async (_, scp) => {
    const { send, effects } = await stage();
    const token = await sign({ ...personClaims, scp, roles: ['Operation.Approve'] });
    expect(await send('decide', `Bearer ${token}`)).toMatchObject({ status: 403, code: 'MissingRole' });
    expect(effects()).toEqual([]);
  });

  it('votes with a good token', async () => {
    const { send, world, id } = await stage();
    expect(await send('decide', `bearer ${await sign(personClaims)}`)).toMatchObject({ status: 200 });
    expect(await operationOf(world, id)).toMatchObject({ votes: [{ voter: { id: personClaims['oid'] }, channel: 'api' }] });
  });
});
