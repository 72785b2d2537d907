import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { readIfPresent, writePrivately } from '../private-files.ts';
import { agents, people } from '../seed.ts';

/** The names under which the secrets that belong to no agent and no person are kept. */
export const administratorName = 'administrator';
export const functionsName = 'functions';

const agentCredential = z.object({
  kind: z.literal('agent'),
  clientId: z.string(),
  clientSecret: z.string(),
  /** `IDENTITY_HEADER` of the agent's own host: opens the managed identity endpoint for this agent's identity only. */
  identityHeader: z.string(),
});
const personCredential = z.object({ kind: z.literal('person'), username: z.string(), password: z.string() });
const administratorCredential = z.object({ kind: z.literal('administrator'), secret: z.string() });
/** `IDENTITY_HEADER` of the function apps: opens the managed identity endpoint for the seeded managed identities. */
const functionsCredential = z.object({ kind: z.literal('functions'), identityHeader: z.string() });

const credential = z.discriminatedUnion('kind', [agentCredential, personCredential, administratorCredential, functionsCredential]);
const credentialsFile = z.record(z.string(), credential);

export type AgentCredential = z.infer<typeof agentCredential>;
export type PersonCredential = z.infer<typeof personCredential>;
export type Credential = z.infer<typeof credential>;

export type Credentials = {
  readonly agent: (name: string) => AgentCredential;
  readonly person: (name: string) => PersonCredential;
  readonly administratorSecret: string;
  readonly functionsIdentityHeader: string;
};

/** Every seeded name's secret, from the file (mode 0600) or made at random where the file lacks it. */
export function openCredentials(path: string): Credentials {
  const kept = readCredentials(path);
  const all = new Map<string, Credential>(kept);
  for (const { name, clientId } of agents) {
    addMissing(all, name, () => ({ kind: 'agent', clientId, clientSecret: randomSecret(), identityHeader: randomSecret() }));
  }
  for (const { name, userPrincipalName } of people) {
    addMissing(all, name, () => ({ kind: 'person', username: userPrincipalName, password: randomSecret() }));
  }
  addMissing(all, administratorName, () => ({ kind: 'administrator', secret: randomSecret() }));
  addMissing(all, functionsName, () => ({ kind: 'functions', identityHeader: randomSecret() }));
  if (all.size > kept.size) {
    writePrivately(path, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  }
  return {
    agent: (name) => ofKind(all, name, agentCredential),
    person: (name) => ofKind(all, name, personCredential),
    administratorSecret: ofKind(all, administratorName, administratorCredential).secret,
    functionsIdentityHeader: ofKind(all, functionsName, functionsCredential).identityHeader,
  };
}

/** The credentials in the file by name; none where there is no file. Throws where the file holds anything else. */
export function readCredentials(path: string): ReadonlyMap<string, Credential> {
  const text = readIfPresent(path);
  return new Map(text === undefined ? [] : Object.entries(credentialsFile.parse(JSON.parse(text))));
}

/** Compares without telling by its duration where, or at what length, the two differ. */
export function secretsEqual(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function addMissing(all: Map<string, Credential>, name: string, make: () => Credential): void {
  if (!all.has(name)) {
    all.set(name, make());
  }
}

function ofKind<T extends Credential>(all: ReadonlyMap<string, Credential>, name: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(all.get(name));
  if (!result.success) {
    throw new Error(`The credentials hold nothing of the right kind under "${name}".`);
  }
  return result.data;
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
