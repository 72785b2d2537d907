import { type ArmAnswer, armError, methodNotAllowed, ok } from './arm-answer.ts';
import { type ArmTarget, sameText } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed } from './call.ts';
import type { JsonObject } from './json.ts';
import { knownProviders, type ResourceType } from './resource-types.ts';
import { checkScope } from './scopes.ts';

/** `GET {subscription}/providers` and `GET {subscription}/providers/{namespace}`: the known types and their api versions. */
export function answerProviders(target: Extract<ArmTarget, { kind: 'providers' | 'provider' }>, call: ArmCall): ArmAnswer {
  const scopeId = `/subscriptions/${target.subscriptionId}`;
  const action = { name: 'Microsoft.Resources/subscriptions/providers/read', readOnly: true };
  if (!isAllowed(call, action, scopeId)) {
    return authorizationFailed(call.caller, action, scopeId);
  }
  if (call.method !== 'GET') {
    return methodNotAllowed(call.method, ['GET']);
  }
  const missing = checkScope(call.service.store, scopeId);
  if (missing !== undefined) {
    return missing;
  }
  const providers = [...knownProviders()].map(([namespace, types]) => describe(scopeId, namespace, types));
  if (target.kind === 'providers') {
    return ok({ value: providers });
  }
  const provider = providers.find(({ namespace }) => sameText(namespace, target.namespace));
  return provider === undefined
    ? armError(404, 'InvalidResourceNamespace', `The resource namespace '${target.namespace}' is invalid.`)
    : ok(provider);
}

function describe(scopeId: string, namespace: string, types: readonly ResourceType[]): JsonObject & { readonly namespace: string } {
  const resourceTypes = types.map(({ type, apiVersions, tracked }) => ({
    resourceType: type.slice(namespace.length + 1),
    locations: tracked ? ['West Europe'] : [],
    apiVersions: [...apiVersions],
    capabilities: tracked ? 'SupportsTags, SupportsLocation' : 'None',
  }));
  return { id: `${scopeId}/providers/${namespace}`, namespace, registrationState: 'Registered', resourceTypes };
}
