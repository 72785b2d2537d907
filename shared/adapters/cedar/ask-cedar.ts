import { statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarQuestion } from './cedar-question.ts';
import type { CedarAction } from './policy-syntax.ts';

/** The name under which the policies that may decide an action are prepared. */
export function policySetName(version: string, action: CedarAction): string {
  return `${version}/${action}`;
}

/** What Cedar says: `determining` are the ids of the policies that decided, in no order; a denial without any is the default. */
export type CedarAnswer =
  | { readonly kind: 'permitted'; readonly determining: readonly string[] }
  | { readonly kind: 'refused'; readonly determining: readonly string[] }
  /** A policy or the question could not be evaluated. Cedar skips such a policy, even a forbid, so that its answer is worth nothing. */
  | { readonly kind: 'faulty'; readonly policyIds: readonly string[] };

/** Asks the policies and the schema that are prepared under the name of the version. */
export function askCedar(version: string, action: CedarAction, question: CedarQuestion): CedarAnswer {
  const answer = statefulIsAuthorized({
    ...question,
    action: { type: 'Action', id: action },
    preparsedPolicySetId: policySetName(version, action),
    preparsedSchemaName: version,
    validateRequest: true,
  });
  if (answer.type === 'failure') return { kind: 'faulty', policyIds: [] };
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) return { kind: 'faulty', policyIds: diagnostics.errors.map(({ policyId }) => policyId) };
  return { kind: decision === 'allow' ? 'permitted' : 'refused', determining: diagnostics.reason };
}
