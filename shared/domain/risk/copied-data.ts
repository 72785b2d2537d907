import { foldName } from '../arm-property.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import type { JudgedCall, RiskRule } from './rule.ts';

/** Names under which providers say what a new resource is made from: `sourceDatabaseId`, `sourceResourceId` of a disk, `recoverableDatabaseId`, `sourceUri`, … */
const sourceName =
  /^(?:(?:source|recoverable|restorable|longtermretention|recoveryservices)[a-z]{0,40}(?:id|uri)|restoresource|backupid|snapshotid)$/;

/** What is protected from somewhere else is named so, too; that is a backup, and no copy that somebody uses. */
const protects = /^microsoft\.(?:recoveryservices|dataprotection)\//;

const groupOf = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\//i;

/** Texts under such names anywhere in a value. */
function sourcesIn(value: JsonValue | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting: JsonValue[] = value === undefined ? [] : [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) for (const item of next) waiting.push(item);
    else if (isJsonObject(next)) {
      for (const name of Object.keys(next)) {
        const inner = next[name] ?? null;
        if (typeof inner === 'string' && inner !== '' && sourceName.test(foldName(name))) found.add(inner);
        else if (typeof inner === 'object' && inner !== null) waiting.push(inner);
      }
    }
  }
  return found;
}

/** A source that is not there now, and lies in another group, in another subscription, or where nobody can tell. */
function findCopied({ effect, path, request, current }: JudgedCall): string | undefined {
  if (effect.kind !== 'write' || protects.test(path.type)) return undefined;
  const known = sourcesIn(current);
  return [...sourcesIn(request.body)].find((source) => !known.has(source) && !isBeside(source, path));
}

function isBeside(source: string, { subscriptionId, resourceGroup }: JudgedCall['path']): boolean {
  const [, subscription = '', group = ''] = groupOf.exec(source) ?? [];
  return subscription.toLowerCase() === subscriptionId && group.toLowerCase() === resourceGroup?.toLowerCase();
}

export const copyRules: readonly RiskRule[] = [
  {
    code: 'copiesDataIn',
    level: 'high',
    detail: 'It makes a copy of data that is kept elsewhere; here other people and other rules apply to it.',
    raisedBy:
      'databases, servers, disks and snapshots that are copied, restored or imported from another resource group, another subscription or an address',
    find: findCopied,
  },
];
