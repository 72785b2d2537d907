import { asObject } from './json.ts';
import type { StoredResource } from './state-store.ts';

/** The resource with another word for how far it is: `Creating`, `Succeeded`, `Failed` and the like. */
export function withProvisioningState(resource: StoredResource, provisioningState: string): StoredResource {
  const properties = { ...asObject(resource.content['properties']), provisioningState };
  return { ...resource, content: { ...resource.content, properties } };
}

/** The machine in another state of its power. */
export function withPowerState(
  resource: StoredResource,
  powerState: 'starting' | 'running' | 'deallocating' | 'deallocated',
): StoredResource {
  return { ...resource, hidden: { kind: 'virtualMachine', powerState } };
}
