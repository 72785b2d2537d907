import { field } from '../arm-property.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import { isEnvironmentTag } from './environment.ts';
import { isWord } from './openings.ts';
import type { JudgedCall, RiskRule } from './rule.ts';

type Tag = readonly [lowerName: string, value: JsonValue];

/** The tags by which production is told from the rest, of what calls itself tags. */
function environmentTags(tags: JsonValue | undefined): readonly Tag[] {
  const entries = isJsonObject(tags) ? Object.entries(tags) : [];
  return entries.filter(([name]) => isEnvironmentTag(name)).map(([name, value]) => [name.toLowerCase(), value]);
}

function differ(given: readonly Tag[], current: readonly Tag[], replaces: boolean): string | undefined {
  const isGone = ([name]: Tag) => !given.some(([other]) => other === name);
  const isNew = ([name, value]: Tag) => !current.some(([other, was]) => other === name && was === value);
  const changed = given.find(isNew) ?? (replaces ? current.find(isGone) : undefined);
  return changed === undefined ? undefined : changed[0];
}

/**
 * An environment tag that would not be what it is. A write replaces the tags as a whole, a PATCH too where it gives any; of something new the tags are no change,
 * what could not be read counts as changed, and what lies in no subscription tells no environment.
 */
function findChangedOnResource({ request, path, effect, exists, tags }: JudgedCall): string | undefined {
  if (effect.kind !== 'write' || !exists || path.subscriptionId === undefined) return undefined;
  const given = field(request.body, 'tags');
  if (!effect.replaces && given === undefined) return undefined;
  return tags === undefined ? 'the tags could not be read' : differ(environmentTags(given), environmentTags({ ...tags }), true);
}

/** Microsoft.Resources/tags changes the tags of any resource: a PUT replaces them, a PATCH merges, replaces or deletes, a DELETE takes them all. */
function findChangedByTags({ request, effect, current }: JudgedCall): string | undefined {
  if (current === undefined) return 'the tags could not be read';
  const now = environmentTags(field(current, 'properties', 'tags'));
  if (effect.kind === 'delete') return now[0]?.[0];
  const given = environmentTags(field(request.body, 'properties', 'tags'));
  const operation = field(request.body, 'operation');
  if (isWord(operation, 'delete')) return given.find(([name]) => now.some(([other]) => other === name))?.[0];
  return differ(given, now, !isWord(operation, 'merge'));
}

export const tagRules: readonly RiskRule[] = [
  {
    code: 'changesEnvironmentTag',
    level: 'critical',
    detail: 'It changes tags by which production is told from the rest.',
    raisedBy:
      'a write, or Microsoft.Resources/tags, after which `environment` or `env` would be new, gone or another; or whose present tags could not be read',
    find: (call) => {
      if (call.effect.kind !== 'write' && call.effect.kind !== 'delete') return undefined;
      return call.path.type === 'microsoft.resources/tags' ? findChangedByTags(call) : findChangedOnResource(call);
    },
  },
];
