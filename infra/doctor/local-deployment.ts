import type { Endpoints } from '../local/endpoints.ts';
import { deployedGrants } from '../local/resource-manager/deployed-grants.ts';
import { deployedGranterCondition } from '../local/resource-manager/granter-condition.ts';
import { ownNamespace, ownStorage } from '../local/resource-manager/own-resources.ts';
import { apiAudience, consoleClientId, managedIdentities, subscriptionId, tenantId } from '../local/seed.ts';
import type { Deployment } from './deployment.ts';

/** What `npm start` deploys on this machine. The sealing keys are in a file there, and the approvers' Teams needs no Azure Bot. */
export function localDeployment({ api, arm, issuer }: Pick<Endpoints, 'api' | 'arm' | 'issuer'>): Deployment {
  const grants = deployedGrants('perOperation', [], deployedGranterCondition());
  const scope = `/subscriptions/${subscriptionId}`;
  return {
    tenantId,
    audience: apiAudience,
    issuers: [issuer],
    consoleClientId,
    azure: arm,
    subscriptionId,
    apps: [{ role: 'all', url: api.replace(/\/api$/, '') }],
    protectedScopes: [`${scope}/resourceGroups/rg-countersign`],
    serviceBusNamespace: ownNamespace,
    storageAccount: ownStorage,
    identities: Object.values(managedIdentities).map(({ name, principalId }) => ({
      name,
      principalId,
      takesRightsOfOperations:
        principalId === managedIdentities.operator.principalId || principalId === managedIdentities.secrets.principalId,
      rights: grants
        .filter((grant) => grant.principalId === principalId)
        .map(({ roleId, condition }) => ({ roleId, scope, ...(condition === undefined ? {} : { condition }) })),
    })),
  };
}
