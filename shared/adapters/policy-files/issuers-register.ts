import { z } from 'zod';
import { isSecureAddress } from '../../domain/secure-address.ts';
import {
  type CallerRule,
  type ClaimCondition,
  type ClaimConditions,
  type OidcIssuer,
  signatureAlgorithms,
} from '../../ports/trusted-issuer.ts';
import { isGuid, RegisterError, readRegister, registerName } from './read-register.ts';

export const issuersFile = 'issuers.json';

const text = z.string().min(1, 'must not be empty').max(500);
/** A name, or a place from a slash on (RFC 6901). */
const claimName = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be the name of a claim, or its place such as /google/organization_number');
const value = z.union([z.string(), z.number(), z.boolean()]);
const words = z.string().regex(/^[^\s]+$/, 'must be one word');
const oneOrMore = <Shape extends z.ZodType>(shape: Shape) => z.union([shape.transform((one) => [one]), z.array(shape).min(1)]);

/** What a claim must be: a value, any of several, a list that includes one, words that contain one, or just there or not there. */
const test = z.union(
  [
    oneOrMore(value).transform((anyOf) => ({ test: 'equals' as const, anyOf })),
    z.strictObject({ includes: oneOrMore(z.string()) }).transform(({ includes: anyOf }) => ({ test: 'includes' as const, anyOf })),
    z.strictObject({ words: oneOrMore(words) }).transform(({ words: anyOf }) => ({ test: 'words' as const, anyOf })),
    z.strictObject({ present: z.boolean() }).transform(({ present }) => ({ test: 'present' as const, present })),
  ],
  'must be a value, a list of values, or one of {"includes": …}, {"words": …}, {"present": true or false}',
);

const conditions = z
  .record(claimName, test)
  .transform((tests): ClaimConditions => Object.entries(tests).map(([claim, found]): ClaimCondition => ({ claim, ...found })));

const workload = { when: conditions, subject: claimName, client: claimName.optional() };
const caller = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('agent'), ...workload }),
    z.strictObject({ kind: z.literal('ci'), ...workload }),
    z.strictObject({
      kind: z.literal('person'),
      when: conditions,
      subject: claimName,
      name: claimName.optional(),
      client: claimName,
      clients: z.array(text).min(1, 'must name the clients whose tokens for people count'),
    }),
  ],
  'must be agent, ci or person',
);

const issuersShape = z.record(
  registerName.refine((name) => !isGuid(name), 'must not look like a tenant of Entra ID'),
  z.strictObject({
    issuer: text,
    jwksUri: z.string().refine(isSecureAddress, 'must be an https address (http only for this machine)'),
    algorithms: z.array(z.enum(signatureAlgorithms, `must be one of ${signatureAlgorithms.join(', ')}`)).min(1, 'must name an algorithm'),
    audiences: z.array(text).min(1, 'must name the audience of this API'),
    tokens: z.enum(['access', 'identity'], 'must be access or identity'),
    require: conditions,
    callers: z.array(caller).min(1, 'must describe at least one kind of caller'),
    roles: z.partialRecord(z.enum(['Operation.Submit', 'Operation.Approve', 'Audit.Read']), conditions),
    groups: z.record(registerName, conditions).optional(),
  }),
);

/** Reads the issuers that are trusted beside the tenant of Entra ID: none where there is no file. Throws {@link RegisterError} naming the file and the place. */
export async function loadIssuers(directory: string): Promise<readonly OidcIssuer[]> {
  const issuers = Object.entries(await readRegister(directory, issuersFile, issuersShape, {})).map(
    ([name, { callers, roles, groups = {}, ...signed }]): OidcIssuer => ({
      kind: 'oidc',
      ...signed,
      tenantId: name,
      callers: callers.map(ruleOf),
      roles,
      groups,
    }),
  );
  refuseSharedIssuers(issuers);
  return issuers;
}

function ruleOf(rule: z.output<typeof caller>): CallerRule {
  return rule.kind === 'person' ? { ...rule, name: rule.name } : { ...rule, client: rule.client };
}

/** A token is judged by its `iss` alone, so one name can have one entry only. */
function refuseSharedIssuers(issuers: readonly OidcIssuer[]): void {
  const seen = new Map<string, string>();
  for (const { issuer, tenantId } of issuers) {
    const earlier = seen.get(issuer);
    if (earlier !== undefined) throw new RegisterError('invalid', issuersFile, `${tenantId}.issuer`, `"${earlier}" has the same issuer.`);
    seen.set(issuer, tenantId);
  }
}
