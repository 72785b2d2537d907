import { type ArmPath, ArmPathError, parseArmPath } from '../../domain/arm-path.ts';
import { isJsonObject, type JsonValue } from '../../domain/json.ts';
import { type CarriedCalls, carriedCalls } from '../../domain/risk/template/inspect-template.ts';
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
 * any request whose body or query names one, as the attachment of Countersign's identity to another machine would. The same holds for every call that a
 * template amounts to. What a linked template holds cannot be seen, and is for people to judge.
 * `protectedScopes`: ids of Countersign's own resources and groups, lower case. Throws {@link PolicyError} `configuration`.
 */
export function makeBuiltInForbid(protectedScopes: readonly string[]): BuiltInForbid {
  for (const scope of protectedScopes) checkScope(scope);
  if (protectedScopes.length === 0) return () => undefined;
  return ({ request, path }) => {
    if (request.kind === 'keyvaultSecret') {
      // Not even a list: what is in Countersign's own vault would let its reader open what Countersign sealed.
      const chain = [path.resourceId, ...path.containers];
      return protectedScopes.some((scope) => chain.includes(scope)) ? advice.own : undefined;
    }
    if (request.method === 'GET' || request.method === 'HEAD') return undefined;
    const found = adviceOn(request.method, path, [...textsIn(request.body), ...Object.values(request.query)], protectedScopes);
    return found ?? adviceOnTemplate(carriedCalls({ request, path }), protectedScopes);
  };
}

function adviceOn(method: string, path: ArmPath, texts: readonly string[], protectedScopes: readonly string[]): string | undefined {
  const chain = [path.resourceId, ...path.containers];
  if (protectedScopes.some((scope) => chain.includes(scope))) return advice.own;
  if (reachesInto(method, path, protectedScopes)) return advice.container;
  return texts.some((text) => namesAny(text, protectedScopes)) ? advice.named : undefined;
}

/** A template is what it amounts to: expressions can put together any name. One that hides a part of what it does may do anything to anything. */
function adviceOnTemplate({ calls, isWhole }: CarriedCalls, protectedScopes: readonly string[]): string | undefined {
  if (!isWhole) return advice.hidden;
  for (const { method, path, body } of calls) {
    const parsed = parsedPath(path);
    if (parsed === undefined) return advice.hidden;
    const found = adviceOn(method, parsed, [...textsIn(body)], protectedScopes);
    if (found !== undefined) return found;
  }
  return undefined;
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
    "Which resources the template deploys, or where, cannot be told before Azure runs it: it might reach Countersign's own. Give types, names, scopes and loop counts that do not depend on what Azure answers.",
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
