import { foldName, text } from '../arm-property.ts';
import { isJsonObject, type JsonValue } from '../json.ts';
import { changes } from './effect.ts';
import type { JudgedCall } from './rule.ts';

const identityType = 'microsoft.managedidentity/userassignedidentities/';

/** Managed identities that a body names anywhere, as a value or as the name of a property; one that is set to null is taken off. */
function identitiesIn(value: JsonValue | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  const note = (given: string) => {
    if (given.length > identityType.length && given.length < longestId && foldName(given).includes(identityType))
      found.add(foldName(given));
  };
  const waiting: JsonValue[] = value === undefined ? [] : [value];
  const look = (inner: JsonValue) => {
    if (typeof inner === 'string') note(inner);
    else if (typeof inner === 'object' && inner !== null) waiting.push(inner);
  };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) for (const item of next) look(item);
    else if (isJsonObject(next)) {
      for (const name of Object.keys(next)) {
        const inner = next[name] ?? null;
        if (inner !== null) note(name);
        look(inner);
      }
    } else look(next);
  }
  return found;
}

const longestId = 512;

/** A managed identity that a body names and that is not named now. */
export function attachedIdentity(call: JudgedCall): string | undefined {
  if (!changes(call.effect) || call.path.type.startsWith('microsoft.managedidentity/')) return undefined;
  const before = identitiesIn(call.current);
  return [...identitiesIn(call.request.body)].find((id) => !before.has(id));
}

/** An identity of its own that the target would get. */
export function gainedOwnIdentity({ effect, request, current }: JudgedCall): string | undefined {
  const has = (value: JsonValue | undefined) => /systemassigned/.test(foldName(text(value, 'identity', 'type') ?? ''));
  return effect.kind === 'write' && has(request.body) && !has(current) ? 'identity.type' : undefined;
}
