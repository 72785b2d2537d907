import type { Call, TemplateFunction } from '../context.ts';
import { EvaluationFault } from '../template-fault.ts';
import { Unknown, unknownFrom } from '../template-value.ts';
import { textAt } from './arguments.ts';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Functions that build resource ids. Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource. */
export const addressFunctions: Readonly<Record<string, TemplateFunction>> = {
  resourceid: buildingId((parts, { context }) => {
    const { before, type, names } = splitAtType(parts);
    const [outer, inner] = before.length === 1 && !guid.test(before[0] ?? '') ? [undefined, before[0]] : before;
    const subscription = outer ?? context.scope.subscriptionId;
    const group = inner ?? context.scope.resourceGroup;
    if (subscription === undefined || before.length > 2) throw new EvaluationFault('there is no subscription here');
    const container = `/subscriptions/${subscription}`;
    return idWithin(group === undefined ? container : `${container}/resourceGroups/${group}`, type, names);
  }),
  subscriptionresourceid: buildingId((parts, { context }) => {
    const { before, type, names } = splitAtType(parts);
    const subscription = before[0] ?? context.scope.subscriptionId;
    if (subscription === undefined || before.length > 1) throw new EvaluationFault('there is no subscription here');
    return idWithin(`/subscriptions/${subscription}`, type, names);
  }),
  tenantresourceid: buildingId((parts) => {
    const { before, type, names } = splitAtType(parts);
    if (before.length > 0) throw new EvaluationFault('a type is expected first');
    return idWithin('', type, names);
  }),
  managementgroupresourceid: buildingId((parts, { context }) => {
    const { before, type, names } = splitAtType(parts);
    const group = before[0] ?? context.scope.managementGroup;
    if (group === undefined || before.length > 1) throw new EvaluationFault('there is no management group here');
    return idWithin(`/providers/Microsoft.Management/managementGroups/${group}`, type, names);
  }),
  extensionresourceid: buildingId(([on, ...parts]) => {
    const { before, type, names } = splitAtType(parts);
    if (on === undefined || before.length > 0) throw new EvaluationFault('an id and a type are expected first');
    return idWithin(on === '/' ? '' : on, type, names);
  }),
};

/** The group's name is in most ids, and only Azure knows how it is spelled: an id is a place. */
function buildingId(build: (parts: readonly string[], call: Call) => string): TemplateFunction {
  return (given, call) => {
    const parts = given.map((value, index) => (value instanceof Unknown ? value.shown : textAt(given, index)));
    const built = build(parts, call);
    call.context.budget.spendText(built.length);
    const unknowns = given.filter((value) => value instanceof Unknown);
    const usesGroup = call.context.scope.resourceGroup !== undefined || call.context.scope.managementGroup !== undefined;
    if (unknowns.length > 0) return unknownFrom(unknowns, built);
    return usesGroup ? new Unknown('place', built) : built;
  };
}

type IdParts = { readonly before: readonly string[]; readonly type: string; readonly names: readonly string[] };

/** The type is the first part with a slash in it. */
function splitAtType(parts: readonly string[]): IdParts {
  const at = parts.findIndex((part) => part.includes('/'));
  const type = parts[at];
  if (type === undefined) throw new EvaluationFault('a type such as Microsoft.Storage/storageAccounts is expected');
  return { before: parts.slice(0, at), type, names: parts.slice(at + 1) };
}

function idWithin(container: string, type: string, names: readonly string[]): string {
  const [namespace = '', ...types] = type.split('/');
  if (types.length !== names.length) throw new EvaluationFault('each type needs a name');
  return `${container}/providers/${namespace}${types.map((segment, index) => `/${segment}/${names[index] ?? ''}`).join('')}`;
}
