import { z } from 'zod';
import { findings } from '../domain/event.ts';
import { isInstant } from '../domain/instant.ts';
import { isJsonObject, JsonError, type JsonValue, parseJson, property } from '../domain/json.ts';
import { operationStatuses } from '../domain/operation.ts';
import { RequestError } from '../domain/request-error.ts';
import type { UncheckedTarget } from '../domain/target-request.ts';
import type { IndexQuery } from '../ports/operation-index.ts';

/** Azure Resource Manager takes bodies of up to 4 MiB; ours is that body and what stands around it. */
export const maxBodyBytes = 4 * 1024 * 1024;
/** What the densest template of that size holds; a body of nothing but brackets would keep every step that reads it busy for seconds. */
export const maxBodyValues = 100_000;
export const maxJustificationLength = 4000;

/** zod drops a name `__proto__` from a record without a word; what is asked must be refused or passed on, never half read. */
const texts = z
  .custom<object>((value) => typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__'), 'must not name "__proto__"')
  .pipe(z.record(z.string(), z.string()));
const submission = z.strictObject({
  target: z.strictObject({
    kind: z.literal('arm', 'must be "arm" or "keyvaultSecret"'),
    method: z.string(),
    path: z.string(),
    apiVersion: z.string(),
    query: texts.default({}),
    headers: texts.default({}),
    body: z.unknown().optional(),
  }),
  justification: z.string().trim().min(1, 'must say why the agent wants this').max(maxJustificationLength),
});

/** A call of a vault's secrets: its fields are checked by the parser of its kind, which knows which method takes which. */
const secretSubmission = z.strictObject({
  target: z.looseObject({ kind: z.literal('keyvaultSecret') }),
  justification: submission.shape.justification,
});

const vote = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  digest: z.string().max(200),
  reason: z.string().trim().max(2000).default(''),
});

const finding = z.strictObject({
  found: z.enum(findings),
  note: z.string().trim().min(1, 'must say what was seen, and where').max(2000),
});

export type SubmissionBody = {
  readonly target: UncheckedTarget;
  readonly justification: string;
};

export type VoteBody = z.output<typeof vote>;
export type FindingBody = z.output<typeof finding>;

/** The hostile body of a submission or dry run, shape checked. Throws {@link RequestError} naming the field. */
export function parseSubmission(contentType: string | null, bytes: Uint8Array): SubmissionBody {
  const value = parseBody(contentType, bytes);
  const asked = property(value, 'target');
  if (isJsonObject(asked) && asked['kind'] === 'keyvaultSecret') {
    const { justification } = check(secretSubmission, value);
    return { target: { kind: 'keyvaultSecret', fields: asked }, justification };
  }
  const { target, justification } = check(submission, value);
  const { kind: _, ...fields } = target;
  return { target: { ...fields, body: property(property(value, 'target'), 'body') }, justification };
}

/** The hostile body of a decision. Throws {@link RequestError} naming the field. */
export function parseVote(contentType: string | null, bytes: Uint8Array): VoteBody {
  return check(vote, parseBody(contentType, bytes));
}

/** The hostile body of a finding. Throws {@link RequestError} naming the field. */
export function parseFinding(contentType: string | null, bytes: Uint8Array): FindingBody {
  return check(finding, parseBody(contentType, bytes));
}

function parseBody(contentType: string | null, bytes: Uint8Array): JsonValue {
  if (bytes.length > maxBodyBytes) throw new RequestError('BodyTooLarge', `The body is larger than ${maxBodyBytes} bytes.`);
  if (!isJson(contentType)) throw new RequestError('UnsupportedMediaType', 'The Content-Type must be application/json, in UTF-8.');
  try {
    return parseJson(bytes, maxBodyValues);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new RequestError('InvalidJson', `${error.message} (at character ${error.where})`, { target: error.code });
  }
}

function isJson(contentType: string | null): boolean {
  return /^application\/json(\s*;\s*charset\s*=\s*"?utf-8"?)?\s*$/i.test(contentType ?? '');
}

function check<Schema extends z.ZodType>(schema: Schema, value: JsonValue): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    throw new RequestError('InvalidRequest', `"${field.slice(0, 200)}" is not a field of this request.`, { target: field.slice(0, 200) });
  }
  const field = path.join('.').slice(0, 200) || 'body';
  throw new RequestError('InvalidRequest', `${field}: ${issue?.message ?? 'wrong'}.`, { target: field });
}

const listParameters = ['api-version', 'status', 'agent', 'action', 'from', 'to', 'top', 'continuationToken'] as const;
const defaultPage = 50;
const maxPage = 200;

/** The hostile query of a listing. Throws {@link RequestError} naming the parameter. */
export function parseListQuery(query: URLSearchParams): IndexQuery {
  for (const name of query.keys()) {
    if (!listParameters.some((known) => known === name)) wrong(name, `is not a parameter of this listing (${listParameters.join(', ')})`);
    if (query.getAll(name).length > 1) wrong(name, 'is given twice');
  }
  const status = query.get('status');
  const known =
    status === null
      ? undefined
      : (operationStatuses.find((candidate) => candidate === status) ?? wrong('status', `is none of ${operationStatuses.join(', ')}`));
  const agentId = query.get('agent');
  const action = query.get('action');
  const from = instantParameter(query, 'from');
  const to = instantParameter(query, 'to');
  const continuationToken = query.get('continuationToken');
  return {
    ...(known === undefined ? {} : { status: known }),
    ...(agentId === null ? {} : { agentId: agentIdOf(agentId) }),
    ...(action === null ? {} : { action: action.toLowerCase() }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    top: topParameter(query.get('top')),
    ...(continuationToken === null ? {} : { continuationToken }),
  };
}

/** Object ids are GUIDs, which are the same in any case; the subjects of other issuers are not. */
function agentIdOf(text: string): string {
  return /^[0-9a-f-]{36}$/i.test(text) ? text.toLowerCase() : text;
}

function topParameter(text: string | null): number {
  if (text === null) return defaultPage;
  const top = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return top >= 1 && top <= maxPage ? top : wrong('top', `must be a number from 1 to ${maxPage}`);
}

function instantParameter(query: URLSearchParams, name: 'from' | 'to'): IndexQuery['from'] {
  const text = query.get(name);
  if (text === null) return undefined;
  const padded = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00.000Z` : text.replace(/:(\d{2})Z$/, ':$1.000Z');
  return isInstant(padded) ? padded : wrong(name, 'must be a UTC time such as 2026-11-21T00:00:00Z');
}

function wrong(name: string, problem: string): never {
  throw new RequestError('InvalidRequest', `${name} ${problem}.`, { target: name });
}
