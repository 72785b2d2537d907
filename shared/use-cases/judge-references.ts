import type { ParsedArmRequest } from '../domain/arm-request.ts';
import type { Assessment, RiskFactor } from '../domain/assessment.ts';
import { type Decision, stricter } from '../domain/decision.ts';
import type { JsonValue } from '../domain/json.ts';
import type { SecretFacts } from '../domain/risk/assess-secret.ts';
import { environmentOf } from '../domain/risk/environment.ts';
import { factorOf } from '../domain/risk/rule.ts';
import { type SecretUse, secretUseRows } from '../domain/risk/secret-uses.ts';
import { readValueAction, secretPath } from '../domain/secrets/secret-action.ts';
import { findReferences, type PlacedReference, type SecretReference, withValues } from '../domain/secrets/secret-references.ts';
import type { SecretGet } from '../domain/secrets/secret-request.ts';
import type { RegisteredAgent } from '../ports/agent-registry.ts';
import type { Masker } from '../ports/masker.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import { type ReadSecretDeps, readSecretFacts } from './read-secret.ts';

export type JudgeReferencesDeps = ReadSecretDeps & { readonly policies: PolicyEngine; readonly masker: Masker };

/** The secrets that a request would use, and what the policies say of using each of them; undefined where it uses none. */
export type JudgedReferences = { readonly uses: readonly SecretUse[]; readonly decide: (decision: Decision) => Decision };

/**
 * Using a secret is getting it, on the agent's behalf: the policies are asked for each as for a `get` of its value, by `execute` and `request`, and the strictest of all
 * answers holds. A vault that nobody can find is refused.
 */
export async function judgeReferences(
  deps: JudgeReferencesDeps,
  agent: RegisteredAgent,
  { request, path }: ParsedArmRequest,
  action: string,
): Promise<JudgedReferences | undefined> {
  const placed = findReferences(request.body);
  if (placed.length === 0 || request.body === undefined) return undefined;
  const readable = await readablePlaces(deps.masker, request.body, placed, action, path.canonical);
  const judged = new Map<string, ReturnType<typeof judgeUse>>();
  const factsByVault = new Map<string, SecretFacts>();
  for (const { reference } of placed) {
    if (judged.has(reference.text)) continue;
    // To use a secret only its vault is looked at, which is many questions to Azure.
    const facts = factsByVault.get(reference.vault) ?? (await readSecretFacts(deps, asGet(reference)));
    factsByVault.set(reference.vault, facts);
    judged.set(reference.text, judgeUse(deps, agent, reference, facts));
  }
  const uses = placed.map(({ reference, place }, index) => {
    const environment = judged.get(reference.text)?.assessment.environment ?? 'production';
    return { text: reference.text, place, environment, readable: readable.has(index) };
  });
  const decisions = [...judged.values()].map(({ decision }) => decision);
  return { uses, decide: (decision) => decisions.reduce((so, next) => stricter(so, next), decision) };
}

function asGet({ vault, name, version }: SecretReference): SecretGet {
  return { kind: 'keyvaultSecret', method: 'get', vault, name, ...(version === undefined ? {} : { version }) };
}

function judgeUse(deps: JudgeReferencesDeps, agent: RegisteredAgent, reference: SecretReference, facts: SecretFacts) {
  const { text } = reference;
  const request = asGet(reference);
  const { environment } = environmentOf(facts.scopes);
  const factor: RiskFactor = factorOf(secretUseRows.usesSecret, environment, text);
  const assessment: Assessment = { level: factor.level, environment, factors: [factor] };
  const path = secretPath(request, facts.vault.resourceId);
  const asked = { agent, request, path, action: readValueAction, assessment, facts: facts.scopes, now: deps.clock.now() };
  const decision = deps.policies.decide(asked);
  return {
    assessment,
    decision: decision.outcome === 'deny' ? { ...decision, reasons: decision.reasons.map((reason) => `${text}: ${reason}`) } : decision,
  };
}

/**
 * The references, by their order, whose values would be shown to whoever reads the request's target: those at places that masking leaves as they are when ordinary words
 * stand there, other words at each. By their order, since names with dots let two places look the same.
 */
async function readablePlaces(
  masker: Masker,
  body: JsonValue,
  placed: readonly PlacedReference[],
  action: string,
  path: string,
): Promise<ReadonlySet<number>> {
  // What a template or a script does with a value cannot be told from where it stands: it may be an output.
  if (computes.test(action)) return new Set(placed.keys());
  const words = placed.map((_, index) => `ordinary words of nobody, the ${ordinals[index] ?? 'last'}`);
  let at = 0;
  const probed = withValues(body, () => {
    at += 1;
    return words[at - 1] ?? '';
  });
  const { value } = await masker.mask(probed, { part: 'request', action, path });
  const shown = JSON.stringify(value);
  return new Set([...placed.keys()].filter((index) => shown.includes(words[index] ?? '')));
}

const computes = /\/(?:deployments|deploymentstacks|deploymentscripts|runcommands?)(?:\/|$)/;

/** As many as a request may name secrets; none is the beginning of another. */
const ordinals =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  );
