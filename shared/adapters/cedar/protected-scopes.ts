import { parseArmPath } from '../../domain/arm-path.ts';
import { isJsonObject, type JsonValue } from '../../domain/json.ts';
import type { PolicyQuestion } from '../../ports/policy-engine.ts';
import { PolicyError } from './policy-error.ts';

/** The reason of the denial, or undefined where the question touches nothing of Countersign's own. */
export type BuiltInForbid = (question: Pick<PolicyQuestion, 'request' | 'path'>) => string | undefined;

/** What is set on a scope and takes hold of everything in it, whatever it is called. */
const reachingNamespaces = [
  'microsoft.authorization',
  'microsoft.blueprint',
  'microsoft.management',
  'microsoft.resources/deployments',
  'microsoft.resources/deploymentstacks',
  'microsoft.subscription',
] as const;
const movingVerbs: readonly string[] = ['moveresources', 'validatemoveresources'];
const managementGroup = '/providers/microsoft.management/managementgroups/';

/**
 * The one forbid that no policy file can edit away. For anything but a GET or HEAD it forbids
 * the protected scopes with all below them; deleting, moving out of, locking, granting roles on, or deploying templates to a scope that contains one; and
 * any request whose body or query names one, as the attachment of Countersign's identity to another machine would.
 * `protectedScopes`: ids of Countersign's own resources and groups, lower case. Throws {@link PolicyError} `configuration`.
 */
export function makeBuiltInForbid(protectedScopes: readonly string[]): BuiltInForbid {
  for (const scope of protectedScopes) checkScope(scope);
  return ({ request, path }) => {
    if (request.method === 'GET' || request.method === 'HEAD') return undefined;
    const chain = [path.resourceId, ...path.containers];
    if (protectedScopes.some((scope) => chain.includes(scope))) return advice.own;
    if (reachesInto(request.method, path, protectedScopes)) return advice.container;
    const named = [...textsIn(request.body), ...Object.values(request.query)].some((text) => namesAny(text, protectedScopes));
    return named ? advice.named : undefined;
  };
}

const advice = {
  own: "These are Countersign's own resources. No agent may change what stands between agents and Azure.",
  container: "This scope contains Countersign's own resources, which would be deleted, moved, locked, regranted or redeployed with it.",
  named: "The request names one of Countersign's own resources. No agent may attach, link or grant anything to them.",
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

/** Every name and text in a body; identities are attached by the names of an object's properties. */
function* textsIn(value: JsonValue | undefined): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (isJsonObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      yield name;
      yield* textsIn(inner);
    }
  } else if (Array.isArray(value)) for (const inner of value) yield* textsIn(inner);
}

/** Whether an id occurs in the text as a whole or as the container of another: `…/rg` is not named by `…/rg-2`. */
function namesAny(text: string, protectedScopes: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return protectedScopes.some((scope) => {
    const id = scope.slice(1);
    for (let at = lower.indexOf(id); at !== -1; at = lower.indexOf(id, at + 1)) {
      if (!/[a-z0-9_.()-]/.test(lower.charAt(at + id.length))) return true;
    }
    return false;
  });
}
