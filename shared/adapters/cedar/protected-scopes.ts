import { type ArmPath, ArmPathError, parseArmPath } from '../../domain/arm-path.ts';
import { elements, field } from '../../domain/arm-property.ts';
import { isJsonObject, type JsonValue } from '../../domain/json.ts';
import { type CarriedCalls, carriedCalls } from '../../domain/risk/template/inspect-template.ts';
import type { PolicyQuestion } from '../../ports/policy-engine.ts';
import { makeNameSearch } from './name-search.ts';
import { PolicyError } from './policy-error.ts';

/** The reason of the denial, or undefined where the question touches nothing of Countersign's own. */
export type BuiltInForbid = (question: Pick<PolicyQuestion, 'request' | 'path'>) => string | undefined;

/** What is set on a scope and takes hold of everything in it, whatever it is called. A billing account is taken to hold every subscription. */
const reachingNamespaces = [
  'microsoft.authorization',
  'microsoft.billing',
  'microsoft.blueprint',
  'microsoft.managedservices',
  'microsoft.management',
  'microsoft.policyinsights/remediations',
  'microsoft.resources/deployments',
  'microsoft.resources/deploymentstacks',
  'microsoft.subscription',
] as const;
const movingVerbs: readonly string[] = ['moveresources', 'validatemoveresources'];
const managementGroup = '/providers/microsoft.management/managementgroups/';

/**
 * The one forbid that no policy file can edit away. For anything but a GET or HEAD it forbids
 * the protected scopes with all below them; deleting, moving out of, locking, granting roles on, or deploying templates to a scope that contains one; role
 * definitions for such a scope; and any request whose body or query names one, as the attachment of Countersign's identity to another machine would. The same
 * holds for every call that a template amounts to, and for what its expressions read. What a linked template holds cannot be seen, and is for people to judge.
 * `protectedScopes`: ids of Countersign's own resources and groups, lower case. Throws {@link PolicyError} `configuration`.
 */
export function makeBuiltInForbid(protectedScopes: readonly string[]): BuiltInForbid {
  for (const scope of protectedScopes) checkScope(scope);
  if (protectedScopes.length === 0) return () => undefined;
  const namesOwn = makeNameSearch(protectedScopes);
  return ({ request, path }) => {
    if (request.kind === 'keyvaultSecret') {
      // Not even a list: what is in Countersign's own vault would let its reader open what Countersign sealed.
      const chain = [path.resourceId, ...path.containers];
      return protectedScopes.some((scope) => chain.includes(scope)) ? advice.own : undefined;
    }
    if (request.method === 'GET' || request.method === 'HEAD') return undefined;
    const own: Own = { protectedScopes, namesOwn };
    if (Object.values(request.query).some(namesOwn)) return advice.named;
    return adviceOn({ method: request.method, path, body: request.body }, own) ?? adviceOnTemplate(carriedCalls({ request, path }), own);
  };
}

type Own = { readonly protectedScopes: readonly string[]; readonly namesOwn: (text: string) => boolean };
type Called = { readonly method: string; readonly path: ArmPath; readonly body: JsonValue | undefined };

function adviceOn({ method, path, body }: Called, { protectedScopes, namesOwn }: Own): string | undefined {
  const chain = [path.resourceId, ...path.containers];
  if (protectedScopes.some((scope) => chain.includes(scope))) return advice.own;
  if (reachesInto(method, path, protectedScopes) || definesRoleFor(method, path, body, protectedScopes)) return advice.container;
  return textsIn(body).some(namesOwn) ? advice.named : undefined;
}

/** A template is what it amounts to: expressions can put together any name. One that hides a part of what it does may do anything to anything. */
function adviceOnTemplate({ calls, reads, isWhole }: CarriedCalls, own: Own): string | undefined {
  if (!isWhole) return advice.hidden;
  if (reads.some(own.namesOwn)) return advice.named;
  for (const { method, path, body } of calls) {
    const parsed = parsedPath(path);
    if (parsed === undefined || attachesUnknown(body)) return advice.hidden;
    const found = adviceOn({ method, path: parsed, body }, own);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether which identity is attached, or which vault a parameter comes from, can only be told by Azure: the one that is meant may be ours. No id holds a bracket. */
function attachesUnknown(body: JsonValue | undefined): boolean {
  const identity = field(body, 'identity');
  const identities = field(identity, 'userassignedidentities');
  const parameters = field(body, 'properties', 'parameters');
  const vaults = isJsonObject(parameters)
    ? Object.values(parameters).map((parameter) => field(parameter, 'reference', 'keyvault', 'id'))
    : [];
  const names = [identity, identities, parameters, ...(isJsonObject(identities) ? Object.keys(identities) : []), ...vaults];
  return names.some((name) => typeof name === 'string' && name.includes('['));
}

function parsedPath(path: string): ArmPath | undefined {
  try {
    return parseArmPath(path);
  } catch (error) {
    if (error instanceof ArmPathError) return undefined;
    throw error;
  }
}

const advice = {
  own: "These are Countersign's own resources. No agent may change what stands between agents and Azure.",
  container: "This scope contains Countersign's own resources, which would be deleted, moved, locked, regranted or redeployed with it.",
  named: "The request names one of Countersign's own resources. No agent may attach, link or grant anything to them.",
  hidden:
    "Which resources the template deploys, where, with whose identity or with whose secrets, cannot be told before Azure runs it: it might reach Countersign's own. Give types, names, scopes, loop counts, identities and vaults that do not depend on what Azure answers.",
} as const;

function checkScope(scope: string): void {
  const place = { file: 'configuration', line: undefined };
  const refusal = `The protected scope "${scope}" is not the lower-case id of a subscription, resource group or resource.`;
  try {
    const path = parseArmPath(scope);
    if (path.verb !== undefined || path.resourceId !== scope || scope === '/') throw new PolicyError('configuration', place, refusal);
  } catch (error) {
    throw error instanceof PolicyError ? error : new PolicyError('configuration', place, refusal, { cause: error });
  }
}

function reachesInto(method: string, path: PolicyQuestion['path'], protectedScopes: readonly string[]): boolean {
  const { resourceId, type, verb } = path;
  const contains = (scope: string) => protectedScopes.some((own) => isWithin(own, scope));
  if ((method === 'DELETE' || movingVerbs.includes(verb ?? '')) && contains(resourceId)) return true;
  const reaching = reachingNamespaces.some((name) => type === name || type.startsWith(`${name}/`));
  return reaching && (contains(resourceId) || contains(holderOf(resourceId)));
}

/** What an extension resource is set on: the id up to its provider. */
function holderOf(resourceId: string): string {
  const at = resourceId.lastIndexOf('/providers/');
  return at <= 0 ? '/' : resourceId.slice(0, at);
}

/** Which subscriptions a management group holds cannot be seen from its id, so that each is taken to hold ours. */
function isWithin(own: string, scope: string): boolean {
  return scope === '/' || scope.startsWith(managementGroup) || own === scope || own.startsWith(`${scope}/`);
}

/**
 * A role definition is one for the whole tenant, by whatever scope it is addressed, and holds wherever it may be assigned.
 * Source: learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties.
 */
function definesRoleFor(method: string, { type }: ArmPath, body: JsonValue | undefined, protectedScopes: readonly string[]): boolean {
  if (type !== 'microsoft.authorization/roledefinitions' || method === 'DELETE') return false;
  const scopes = elements(body, 'properties', 'assignablescopes');
  const reaches = (scope: JsonValue) =>
    typeof scope !== 'string' ||
    scope.includes('[') ||
    protectedScopes.some((own) => isWithin(own, scope.toLowerCase().replace(/(?<=.)\/+$/, '')));
  return scopes.length === 0 || scopes.some(reaches);
}

/** Every name and text in a body; identities are attached by the names of an object's properties. */
function textsIn(value: JsonValue | undefined): readonly string[] {
  const texts: string[] = [];
  const waiting: JsonValue[] = value === undefined ? [] : [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (Array.isArray(next)) for (const inner of next) waiting.push(inner);
    else if (isJsonObject(next)) {
      for (const [name, inner] of Object.entries(next)) {
        texts.push(name);
        waiting.push(inner);
      }
    }
  }
  return texts;
}
