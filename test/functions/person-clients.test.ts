import { describe, expect, it } from 'vitest';
import { personClientsOf } from '../../functions/person-clients.ts';
import type { CallerRule, OidcIssuer } from '../../shared/ports/trusted-issuer.ts';

const tenant = '11111111-1111-4111-8111-111111111111';
const authority = `https://login.example/${tenant}/v2.0`;
const entra = {
  kind: 'entra',
  authority,
  audiences: ['a'],
  tenantId: tenant,
  jwksUri: 'x',
  algorithms: ['RS256'],
  idtypIssued: true,
} as const;
const api = {
  personClients: ['console'],
  issuers: [
    { ...entra, version: '2.0', issuer: authority },
    { ...entra, version: '1.0', issuer: `https://sts.windows.net/${tenant}/` },
  ],
} as const;

function okta(...clients: readonly string[]): OidcIssuer {
  const agent: CallerRule = { kind: 'agent', when: [], subject: 'cid', client: 'cid' };
  const person: CallerRule = { kind: 'person', when: [], subject: 'oid', name: undefined, client: 'cid', clients };
  return {
    kind: 'oidc',
    issuer: 'https://contoso.okta.com/oauth2/default',
    tenantId: 'okta',
    audiences: ['a'],
    jwksUri: 'x',
    algorithms: ['RS256'],
    tokens: 'access',
    require: [],
    callers: clients.length === 0 ? [agent] : [agent, person],
    roles: {},
    groups: {},
  };
}

describe('clients whose tokens for people count', () => {
  it.each(['04b07795-8ddb-461a-bbee-02f9e1bf7b46', '1950A258-227B-4E31-A9CF-717495945FC2'])('are no command lines, such as %s', (id) => {
    expect(() => personClientsOf(api, [okta('console-of-okta', id)])).toThrow('command-line client');
  });

  it('are none where no rule takes people', () => {
    expect(personClientsOf(api, [okta()]).get('https://contoso.okta.com/oauth2/default')).toEqual(new Set());
  });

  it('are of one issuer each, and of the tenant under its one name', () => {
    expect(personClientsOf(api, [okta('console-of-okta')])).toEqual(
      new Map([
        [authority, new Set(['console'])],
        ['https://contoso.okta.com/oauth2/default', new Set(['console-of-okta'])],
      ]),
    );
  });
});
