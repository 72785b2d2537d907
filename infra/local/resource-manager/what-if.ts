import { isDeepStrictEqual } from 'node:util';
import { groupIdOf, sameText } from './arm-path.ts';
import type { DeploymentPlan } from './deployment-plan.ts';
import { asObject, type Json, type JsonObject } from './json.ts';
import { presentResource } from './resource-content.ts';
import { resourceTypeOf } from './resource-types.ts';
import type { StateStore, StoredResource } from './state-store.ts';

/** What a deployment would change, by resource. Source: learn.microsoft.com/azure/azure-resource-manager/templates/deploy-what-if. */
export function whatIfChanges(
  plan: DeploymentPlan,
  mode: 'Incremental' | 'Complete',
  scopeId: string,
  store: StateStore,
): readonly JsonObject[] {
  const puts = plan.puts.map((after) => changeOf(store.find(after.id), after));
  const removes = plan.removes.map((before) => ({ resourceId: before.id, changeType: 'Delete', before: shown(before) }));
  const isUntouched = ({ id, content }: StoredResource): boolean =>
    sameText(groupIdOf(id) ?? '', scopeId) && !sameText(id, scopeId) && content['location'] !== undefined;
  const ignored = store
    .all()
    .filter((each) => mode === 'Incremental' && isUntouched(each) && !plan.puts.some(({ id }) => sameText(id, each.id)))
    .map((each) => ({ resourceId: each.id, changeType: 'Ignore', before: shown(each), after: shown(each) }));
  return [...puts, ...removes, ...ignored];
}

function changeOf(existing: StoredResource | undefined, planned: StoredResource): JsonObject {
  const after = shown(planned);
  if (existing === undefined) {
    return { resourceId: planned.id, changeType: 'Create', after };
  }
  const before = shown(existing);
  const delta = differences(before, after, '');
  return { resourceId: planned.id, changeType: delta.length === 0 ? 'NoChange' : 'Modify', before, after, delta: [...delta] };
}

/** Without what every write changes. */
function shown(resource: StoredResource): JsonObject {
  const { etag: _, ...body } = presentResource(resource, resourceTypeOf(resource.type));
  const { provisioningState: __, ...properties } = asObject(body['properties']) ?? {};
  return { ...body, properties };
}

/** Every property that differs, the innermost; arrays are compared as a whole. */
function differences(before: Json | undefined, after: Json | undefined, path: string): readonly JsonObject[] {
  if (isDeepStrictEqual(before, after)) {
    return [];
  }
  const [left, right] = [plainObject(before), plainObject(after)];
  if (left !== undefined && right !== undefined) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return names.flatMap((name) => differences(left[name], right[name], path === '' ? name : `${path}.${name}`));
  }
  const propertyChangeType = before === undefined ? 'Create' : after === undefined ? 'Delete' : 'Modify';
  return [{ path, propertyChangeType, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function plainObject(value: Json | undefined): JsonObject | undefined {
  return Array.isArray(value) ? undefined : asObject(value);
}
