import { directoryPermissions } from '../../shared/contracts/graph-permissions.ts';
import type { Endpoints } from '../local/endpoints.ts';
import { deployedGrants } from '../local/resource-manager/deployed-grants.ts';
import { deployedGranterCondition } from '../local/resource-manager/granter-condition.ts';
import { ownNamespace, ownStorage } from '../local/resource-manager/own-resources.ts';
import { apiAudience, consoleClientId, managedIdentities, subscriptionId, tenantId } from '../local/seed.ts';
import type { Deployment } from './deployment.ts';

/** What `npm start` deploys on this machine. The sealing keys are in a file there, and the approvers' Teams needs no Azure Bot. */
export function localDeployment({ api, arm, identity, issuer }: Pick<Endpoints, 'api' | 'arm' | 'identity' | 'issuer'>): Deployment {
  const grants = deployedGrants('perOperation', [], deployedGranterCondition());
  const scope = `/subscriptions/${subscriptionId}`;
  return {
    tenantId,
    audience: apiAudience,
    issuers: [issuer],
    auditClientId: consoleClientId,
    azure: arm,
    graph: `${identity}/graph/v1.0`,
    subscriptionId,
    apps: [{ role: 'all', url: api.replace(/\/api$/, '') }],
    protectedScopes: [`${scope}/resourceGroups/rg-countersign`],
    serviceBusNamespace: ownNamespace,
    storageAccount: ownStorage,
    // Functions of this machine keep nothing in an account of their own.
    hostAccounts: [],
    identities: Object.values(managedIdentities).map(({ name, principalId }) => ({
      name,
      principalId,
      takesRightsOfOperations:
        principalId === managedIdentities.operator.principalId || principalId === managedIdentities.secrets.principalId,
      graphPermissions: principalId === managedIdentities.directory.principalId ? Object.values(directoryPermissions) : [],
      rights: grants
        .filter((grant) => grant.principalId === principalId)
        .map(({ roleId, condition }) => ({ roleId, scope, ...(condition === undefined ? {} : { condition }) })),
    })),
  };
}
