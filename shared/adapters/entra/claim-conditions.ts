import { type JsonObject, type JsonValue, property } from '../../domain/json.ts';
import type { ClaimCondition, ClaimConditions, ClaimName } from '../../ports/trusted-issuer.ts';

/** Whether verified claims meet every one of the conditions. Comparison is exact: no case folding, no patterns, no conversion of types. */
export function meetsAll(claims: JsonObject, conditions: ClaimConditions): boolean {
  return conditions.every((condition) => meets(claimOf(claims, condition.claim), condition));
}

function meets(value: JsonValue | undefined, condition: ClaimCondition): boolean {
  switch (condition.test) {
    case 'equals':
      return condition.anyOf.some((expected) => expected === value);
    case 'includes':
      return Array.isArray(value) && condition.anyOf.some((expected) => value.includes(expected));
    case 'words':
      return typeof value === 'string' && condition.anyOf.some((expected) => value.split(' ').includes(expected));
    case 'present':
      return (value !== undefined) === condition.present;
  }
}

/** A claim by its name, or by its place where the name begins with a slash (RFC 6901; objects only). */
export function claimOf(claims: JsonObject, name: ClaimName): JsonValue | undefined {
  if (!name.startsWith('/')) return property(claims, name);
  return name
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<JsonValue | undefined>((value, step) => property(value, step), claims);
}
