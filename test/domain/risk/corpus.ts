import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { actionOf } from '../../../shared/domain/action.ts';
import { type ParsedArmRequest, parseArmRequest } from '../../../shared/domain/arm-request.ts';
import { riskLevels, type ScopeTags, type TargetFacts } from '../../../shared/domain/assessment.ts';
import { instant } from '../../../shared/domain/instant.ts';
import { type JsonValue, parseJson } from '../../../shared/domain/json.ts';

const directory = new URL('../../corpus/risk/', import.meta.url);

const tags = z.union([z.record(z.string(), z.string()), z.null()]);

/**
 * One line of the corpus. `call` is method and path, in which `{sub}` is a subscription, `{group}` a resource group in it and `{rg}` the providers of
 * that group. `resource`, `group` and `subscription` are the tags that were read of them, null where they could not be read, `absent` where there is
 * nothing; what the path has not is left out.
 */
const rowShape = z.strictObject({
  case: z.string(),
  call: z.string(),
  body: z.json().optional(),
  notRead: z.literal(true).optional(),
  resource: z.union([tags, z.literal('absent')]).optional(),
  group: tags.optional(),
  subscription: tags.optional(),
  level: z.enum(riskLevels),
  factors: z.array(z.string()).min(1),
});

export type CorpusRow = z.output<typeof rowShape>;

export function readCorpus(): readonly { readonly file: string; readonly rows: readonly CorpusRow[] }[] {
  return readdirSync(directory).map((file) => ({ file, rows: z.array(rowShape).parse(parseJson(readFileSync(new URL(file, directory)))) }));
}

export type CorpusCase = ParsedArmRequest & { readonly action: string; readonly facts: TargetFacts };

/** The request and the facts of a row, as a submission and its reading would make them. */
export function caseOf(row: CorpusRow): CorpusCase {
  const [method = '', path = ''] = row.call.split(' ');
  const sub = '/subscriptions/00000000-0000-0000-0000-000000000001';
  const full = path
    .replace('{sub}', sub)
    .replace('{group}', `${sub}/resourceGroups/rg`)
    .replace('{rg}', `${sub}/resourceGroups/rg/providers`);
  const body: JsonValue | undefined = row.body;
  const parsed = parseArmRequest({ method, path: full, apiVersion: '2024-01-01', query: {}, headers: {}, body });
  return { ...parsed, action: actionOf(parsed.request.method, parsed.path), facts: factsOf(row, parsed) };
}

function factsOf(row: CorpusRow, { path }: ParsedArmRequest): TargetFacts {
  const readAt = instant('2026-11-21T20:12:00.000Z');
  if (row.notRead === true) return { existence: 'notRead', scopes: [], readAt };
  const scopes: ScopeTags[] = [];
  const add = (scope: string, read: CorpusRow['group']) => {
    if (read !== undefined) scopes.push({ scope, tags: read ?? undefined });
  };
  add(path.resourceId, row.resource === 'absent' ? {} : row.resource);
  add(`/subscriptions/${path.subscriptionId}/resourcegroups/rg`, row.group);
  add(`/subscriptions/${path.subscriptionId}`, row.subscription);
  return { existence: existenceOf(row), scopes, readAt };
}

function existenceOf(row: CorpusRow): TargetFacts['existence'] {
  if (row.resource === 'absent') return 'absent';
  return row.resource === null || row.resource === undefined ? 'unreadable' : 'present';
}
