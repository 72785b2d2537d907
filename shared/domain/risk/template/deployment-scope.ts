/** What a template is deployed into: the tenant, a management group, a subscription or a resource group. */
export type DeploymentScope = {
  /** Its id as it is written; empty for the tenant, so that `/providers/…` can follow. */
  readonly id: string;
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  readonly managementGroup: string | undefined;
};

export const tenantScope: DeploymentScope = { id: '', subscriptionId: undefined, resourceGroup: undefined, managementGroup: undefined };

const subscriptionShape = /^\/subscriptions\/([0-9a-f-]{36})(?:\/resourcegroups\/([^/]{1,90}))?$/i;
const managementGroupShape = /^\/providers\/microsoft\.management\/managementgroups\/([^/]{1,90})$/i;

/** The scope with this id; undefined where no template can be deployed there. */
export function scopeOfId(id: string): DeploymentScope | undefined {
  if (id === '' || id === '/') return tenantScope;
  const [, subscriptionId, resourceGroup] = subscriptionShape.exec(id) ?? [];
  if (subscriptionId !== undefined) return subscriptionScope(subscriptionId, resourceGroup);
  const managementGroup = managementGroupShape.exec(id)?.[1];
  return managementGroup === undefined ? undefined : managementGroupScope(managementGroup);
}

export function subscriptionScope(subscriptionId: string, resourceGroup: string | undefined): DeploymentScope {
  const subscription = `/subscriptions/${subscriptionId.toLowerCase()}`;
  const id = resourceGroup === undefined ? subscription : `${subscription}/resourceGroups/${resourceGroup}`;
  return { id, subscriptionId: subscriptionId.toLowerCase(), resourceGroup, managementGroup: undefined };
}

export function managementGroupScope(name: string): DeploymentScope {
  const id = `/providers/Microsoft.Management/managementGroups/${name}`;
  return { id, subscriptionId: undefined, resourceGroup: undefined, managementGroup: name };
}
