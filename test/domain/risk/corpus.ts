import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { actionOf } from '../../../shared/domain/action.ts';
import { type ParsedArmRequest, parseArmRequest } from '../../../shared/domain/arm-request.ts';
import {
  type ContainedResource,
  type ResourceLock,
  riskLevels,
  type ScopeTags,
  type TargetFacts,
} from '../../../shared/domain/assessment.ts';
import { instant } from '../../../shared/domain/instant.ts';
import { type JsonValue, parseJson } from '../../../shared/domain/json.ts';

const directory = new URL('../../corpus/risk/', import.meta.url);

const tags = z.union([z.record(z.string(), z.string()), z.null()]);

/**
 * One line of the corpus. `call` is method and path, in which `{sub}` is a subscription, `{group}` a resource group in it and `{rg}` the providers of
 * that group. `in` says what the group, or a subscription without one, is for; the target is there and has no tags, unless `new`. Or else `resource`, `group` and
 * `subscription` are the tags that were read of them, null where they could not be read, `absent` where there is nothing; what the path has not is left out.
 * `current` is the state of the target, `locks` and `contents` what was read of it and of its group.
 */
const rowShape = z.strictObject({
  case: z.string(),
  call: z.string(),
  in: z.enum(['dev', 'prod']).optional(),
  new: z.literal(true).optional(),
  query: z.record(z.string(), z.string()).optional(),
  body: z.json().optional(),
  current: z.json().optional(),
  locks: z.array(z.strictObject({ id: z.string(), level: z.enum(['CanNotDelete', 'ReadOnly']) })).optional(),
  contents: z.array(z.strictObject({ id: z.string(), tags: z.record(z.string(), z.string()) })).optional(),
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

const sub = '/subscriptions/00000000-0000-0000-0000-000000000001';

function spelledOut(path: string): string {
  return path.replace('{sub}', sub).replace('{group}', `${sub}/resourceGroups/rg`).replace('{rg}', `${sub}/resourceGroups/rg/providers`);
}

/** The request and the facts of a row, as a submission and its reading would make them. */
export function caseOf(row: CorpusRow): CorpusCase {
  const [method = '', path = ''] = row.call.split(' ');
  const body: JsonValue | undefined = row.body;
  const parsed = parseArmRequest({ method, path: spelledOut(path), apiVersion: '2024-01-01', query: row.query ?? {}, headers: {}, body });
  return { ...parsed, action: actionOf(parsed.request.method, parsed.path), facts: factsOf(row, parsed) };
}

function factsOf(row: CorpusRow, { path }: ParsedArmRequest): TargetFacts {
  const readAt = instant('2026-11-21T20:12:00.000Z');
  if (row.notRead === true) return { existence: 'notRead', scopes: [], readAt };
  const found = row.in === undefined ? row : { ...row, ...placeOf(row.in, row.new === true, path) };
  const scopes: ScopeTags[] = [];
  const add = (scope: string, read: CorpusRow['group']) => {
    if (read !== undefined) scopes.push({ scope, tags: read ?? undefined });
  };
  add(path.resourceId, found.resource === 'absent' ? {} : found.resource);
  add(`${sub}/resourcegroups/rg`, found.group);
  add(sub, found.subscription);
  const existence = existenceOf(found);
  return {
    existence,
    scopes,
    readAt,
    ...(existence === 'present' ? { current: row.current ?? { tags: typeof found.resource === 'object' ? found.resource : {} } } : {}),
    ...(row.locks === undefined ? {} : { locks: row.locks.map(lowerCase<ResourceLock>) }),
    ...(row.contents === undefined ? {} : { contents: row.contents.map(lowerCase<ContainedResource>) }),
  };
}

function lowerCase<Found extends { readonly id: string }>(found: Found): Found {
  return { ...found, id: spelledOut(found.id).toLowerCase() };
}

function placeOf(
  environment: string,
  isNew: boolean,
  path: ParsedArmRequest['path'],
): Pick<CorpusRow, 'resource' | 'group' | 'subscription'> {
  const own = { environment };
  if (path.resourceId === sub) return { resource: own };
  if (path.resourceId === `${sub}/resourcegroups/rg`) return { resource: own, subscription: {} };
  const resource = isNew ? ('absent' as const) : {};
  return path.resourceGroup === undefined ? { resource, subscription: own } : { resource, group: own, subscription: {} };
}

function existenceOf(row: CorpusRow): TargetFacts['existence'] {
  if (row.resource === 'absent') return 'absent';
  return row.resource === null || row.resource === undefined ? 'unreadable' : 'present';
}
