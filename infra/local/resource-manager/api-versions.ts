import { type ArmAnswer, armError } from './arm-answer.ts';
import { type CollectionTarget, type ResourceTarget, typeOf } from './arm-path.ts';
import type { ArmCall } from './call.ts';
import { locationOf } from './resource-content.ts';
import { isKnownType, resourceTypeOf } from './resource-types.ts';

/** The refusal of an api-version that the type does not have. */
export function checkVersionOfType(target: ResourceTarget | CollectionTarget, call: ArmCall): ArmAnswer | undefined {
  const isList = target.kind === 'collection' && call.method !== 'POST';
  const type = typeOf(isList ? { ...target, types: [...target.types, target.last] } : target);
  if (call.service.apiVersions === 'any' || !isKnownType(type)) {
    return undefined;
  }
  const row = resourceTypeOf(type);
  if (row.apiVersions.some((known) => known === call.apiVersion.toLowerCase())) {
    return undefined;
  }
  const existing = target.kind === 'resource' ? call.service.store.find(target.id) : undefined;
  const location = existing === undefined ? 'westeurope' : (locationOf(existing) ?? 'global');
  const name = row.type.slice(row.type.indexOf('/') + 1);
  const supported = row.apiVersions.join(', ');
  const message = `No registered resource provider found for location '${location}' and API version '${call.apiVersion}' for type '${name}'. The supported api-versions are '${supported}'.`;
  return armError(400, 'NoRegisteredProviderFound', message);
}
