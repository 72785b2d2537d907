import type { JsonObject } from '../../domain/json.ts';
import { type Caller, TokenError } from '../../ports/token-verifier.ts';
import type { CallerRule, ClaimName, OidcIssuer } from '../../ports/trusted-issuer.ts';
import { claimOf, meetsAll } from './claim-conditions.ts';
import { isGuid } from './guid.ts';
import { refuseIdentityToken } from './identity-token.ts';

/** Longest subject, and its alphabet (OpenID Connect Core 1.0, 2); outer spaces would make two subjects look like one. */
const subjectShape = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Who presents a verified token of an issuer other than Entra ID, by the rules of its configuration. Throws {@link TokenError} `invalid` or `wrongKind`. */
export function oidcCaller(claims: JsonObject, trusted: OidcIssuer): Caller {
  if (trusted.tokens === 'access') refuseIdentityToken(claims);
  if (!meetsAll(claims, trusted.require)) throw new TokenError('wrongKind', 'The token does not meet what is required of its issuer.');
  const [rule, ...others] = trusted.callers.filter(({ when }) => meetsAll(claims, when));
  if (rule === undefined || others.length > 0) throw new TokenError('wrongKind', 'The token is not clearly of one kind of caller.');
  return callerBy(rule, claims, trusted);
}

function callerBy(rule: CallerRule, claims: JsonObject, trusted: OidcIssuer): Caller {
  const { issuer, tenantId } = trusted;
  const objectId = subjectOf(claims, rule);
  const client = rule.client === undefined ? undefined : textOf(claims, rule.client);
  const roles = namesWhere(trusted.roles, (conditions) => meetsAll(claims, conditions));
  const absentGroups = namesWhere(trusted.groups, (conditions) => !meetsAll(claims, conditions));
  const proof = { issuer, ...(client === undefined ? {} : { client }) };
  if (rule.kind !== 'person') return { kind: rule.kind, issuer, tenantId, objectId, roles, absentGroups, proof };
  if (client === undefined) throw new TokenError('invalid', 'The token does not name the client that obtained it.');
  const name = (rule.name === undefined ? undefined : textOf(claims, rule.name)) ?? objectId;
  const person = { name: name.slice(0, 200).toWellFormed(), scopes: roles, clientId: client };
  return { kind: 'person', issuer, tenantId, objectId, ...person, absentGroups, proof };
}

function subjectOf(claims: JsonObject, rule: CallerRule): string {
  const subject = textOf(claims, rule.subject);
  if (subject === undefined || !subjectShape.test(subject)) throw new TokenError('invalid', 'The token does not name its subject.');
  if (rule.kind === 'person' && !isGuid(subject)) throw new TokenError('invalid', 'The token does not name a person of the directory.');
  return subject;
}

function textOf(claims: JsonObject, name: ClaimName): string | undefined {
  const value = claimOf(claims, name);
  return typeof value === 'string' && value !== '' && value.length <= 1000 ? value : undefined;
}

function namesWhere<Value>(entries: Readonly<Record<string, Value>>, holds: (value: Value) => boolean): readonly string[] {
  return Object.entries(entries)
    .filter(([, value]) => holds(value))
    .map(([name]) => name);
}
