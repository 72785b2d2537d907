import { type DetailedError, type PolicyJson, policySetTextToParts, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { ApprovalRequirements } from '../../domain/decision.ts';
import { AnnotationFault, type Annotations, adviceOf, checkNames, hasRequirements, idOf, requirementsOf } from './policy-annotations.ts';
import { findDeepPlace, lineOf } from './policy-depth.ts';
import { mapOrFaults, PolicyError, type PolicyPlace } from './policy-error.ts';
import { actionsOf } from './policy-syntax.ts';
import type { PolicyFile } from './read-policy-files.ts';

/** One policy of the files, with what its annotations say. */
export type ParsedPolicy = {
  readonly id: string;
  readonly text: string;
  readonly file: string;
  readonly line: number;
  readonly json: PolicyJson;
  /** What a denial by it says; undefined for a permit, and for a forbid without advice. */
  readonly advice: string | undefined;
  /** Present where it lets an agent ask. */
  readonly requirements: ApprovalRequirements | undefined;
};

/** The policies of all files in their order. Throws {@link PolicyError} `syntax`, `annotation` or `files` (where there are none). */
export function parsePolicies(files: readonly PolicyFile[]): readonly ParsedPolicy[] {
  const policies = mapOrFaults(files, parseFile).flat();
  const first = files[0];
  if (policies.length === 0 && first !== undefined) {
    throw new PolicyError(
      'files',
      { file: first.name, line: undefined },
      'There is no policy in the files: nothing would ever be allowed.',
    );
  }
  const byId = new Map<string, ParsedPolicy>();
  return mapOrFaults(policies, (policy) => {
    const earlier = byId.get(policy.id);
    if (earlier !== undefined) {
      throw new PolicyError('annotation', policy, `The @id "${policy.id}" is taken by the policy at ${earlier.file}:${earlier.line}.`);
    }
    byId.set(policy.id, policy);
    return policy;
  });
}

/** The line of a byte offset, which is how Cedar counts. */
export function lineAt(text: string, byteOffset: number): number {
  return Buffer.from(text, 'utf8').subarray(0, byteOffset).toString('utf8').split('\n').length;
}

/** What Cedar found, as one sentence. */
export function sentenceOf({ message, help, sourceLocations }: DetailedError): string {
  const expected = sourceLocations?.[0]?.label;
  return [message, expected, help].filter((part) => typeof part === 'string' && part !== '').join('; ');
}

function parseFile(file: PolicyFile): readonly ParsedPolicy[] {
  if (file.text.startsWith('\ufeff')) {
    throw new PolicyError('syntax', { file: file.name, line: 1 }, 'The file begins with a byte order mark. Save it as UTF-8 without one.');
  }
  const deep = findDeepPlace(file.text);
  if (deep !== undefined) throw new PolicyError('syntax', { file: file.name, line: deep.line }, deep.reason);
  const parts = policySetTextToParts(file.text);
  if (parts.type === 'failure') {
    const [error] = parts.errors;
    const start = error?.sourceLocations?.[0]?.start;
    const line = start === undefined ? undefined : lineAt(file.text, start);
    throw new PolicyError('syntax', { file: file.name, line }, error === undefined ? 'This is not Cedar.' : sentenceOf(error));
  }
  const [template] = parts.policy_templates;
  if (template !== undefined) {
    const place = { file: file.name, line: lineOf(file.text, file.text.indexOf(template)) };
    throw new PolicyError('syntax', place, 'A template ("?principal", "?resource") has no effect here.');
  }
  let end = 0;
  return mapOrFaults(inFileOrder(parts.policies), (text) => {
    const start = file.text.indexOf(text, end);
    end = start + text.length;
    return parsePolicy(text, { file: file.name, line: lineOf(file.text, start) });
  });
}

/** Cedar numbers the policies of a text and sorts them by their numbers as words: policy0, policy1, policy10, policy2. */
function inFileOrder(sorted: readonly string[]): readonly string[] {
  const numbers = sorted.map((_, number) => number).sort((a, b) => (`policy${a}` < `policy${b}` ? -1 : 1));
  return sorted
    .map((text, index) => ({ text, number: numbers[index] ?? index }))
    .sort((a, b) => a.number - b.number)
    .map(({ text }) => text);
}

function parsePolicy(text: string, place: PolicyPlace & { readonly line: number }): ParsedPolicy {
  const answer = policyToJson(text);
  if (answer.type === 'failure') throw new PolicyError('syntax', place, answer.errors.map(sentenceOf).join('; '));
  const { json } = answer;
  try {
    return { ...place, text, json, ...annotated(json) };
  } catch (error) {
    if (error instanceof AnnotationFault) throw new PolicyError('annotation', place, error.message);
    throw error;
  }
}

function annotated(json: PolicyJson): Pick<ParsedPolicy, 'id' | 'advice' | 'requirements'> {
  const annotations: Annotations = json.annotations ?? {};
  checkNames(annotations);
  const id = idOf(annotations);
  const advice = adviceOf(annotations);
  if (json.effect === 'permit' && advice !== undefined)
    throw new AnnotationFault('@advice is for a forbid: it says why something is denied.');
  const actions = actionsOf(json);
  if (hasRequirements(annotations) && (json.effect !== 'permit' || actions.length !== 1 || actions[0] !== 'request')) {
    throw new AnnotationFault('@approvals, @groups, @expires and @voters are for a permit of action == Action::"request" alone.');
  }
  const asks = json.effect === 'permit' && actions.includes('request');
  return { id, advice, requirements: asks ? requirementsOf(annotations) : undefined };
}
