import { decodeJwt, errors } from 'jose';
import { z } from 'zod';
import { type App, type Deployment, issuersOf } from './deployment.ts';
import { type Finding, saying } from './finding.ts';
import { type Answer, ask, type Site, told } from './site.ts';

const tokens = saying('tokens');
const dependencies = saying('dependencies');
const versions = saying('versions');
const keys = saying('keys');

const healthShape = z.object({
  dependencies: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['up', 'down', 'off']),
      error: z.object({ code: z.string(), message: z.string() }).optional(),
    }),
  ),
  running: z.object({ role: z.string(), version: z.string(), policyVersion: z.string(), sealingKeyIds: z.array(z.string()) }),
});
type Health = z.output<typeof healthShape>;

/** The token of the operator as it is, what each app says to it, and what each app says of itself and of what it needs. */
export async function checkHealth(site: Site): Promise<readonly Finding[]> {
  const token = await site.tokens.forApi().catch((error: unknown) => (error instanceof Error ? error : new Error('There is no token.')));
  if (token instanceof Error) return [tokens.unknown('yours', 'there is no token for the API', token.message)];
  const { apps } = site.deployment;
  const headers = { authorization: `Bearer ${token}` };
  const answers = await Promise.all(apps.map(async (app) => ({ app, answer: await ask(site, `${app.url}/api/health`, { headers }) })));
  const told = answers.flatMap(({ app, answer }) => {
    const health = answer.kind === 'answered' ? healthShape.safeParse(answer.body) : undefined;
    return health?.success === true ? [{ app, health: health.data }] : [];
  });
  return [
    ...checkClaims(token, site),
    ...(await Promise.all(apps.map((app) => refusesStrangers(site, app)))),
    ...answers.flatMap(({ app, answer }) => tokenTaken(app, answer)),
    ...answers.filter(({ app, answer }) => isTaken(answer) && !told.some((each) => each.app === app)).map(({ app }) => saysNothing(app)),
    ...told.flatMap(({ app, health }) => [...dependenciesOf(app, health), ...versionsOf(app, health, site)]),
    ...sameKeys(told),
  ];
}

const claimsShape = z.object({
  iss: z.string(),
  aud: z.string(),
  tid: z.string().optional(),
  exp: z.number(),
  scp: z.string().default(''),
});

/** Looks at what the token says of itself; whether it is genuine is for the apps to say. */
function checkClaims(token: string, { deployment, nowMs }: Site): readonly Finding[] {
  const claims = claimsOf(token);
  if (claims === undefined) {
    return [
      tokens.wrong(
        'yours',
        'is no access token of a person',
        'Get one for the API, as yourself, through the application that the description names.',
      ),
    ];
  }
  const problems = [
    ...(bare(claims.aud) === bare(deployment.audience) ? [] : [`its audience is ${claims.aud}, not ${deployment.audience}`]),
    ...(issuersOf(deployment).includes(claims.iss) ? [] : [`it was issued by ${claims.iss}`]),
    ...(claims.tid === undefined || claims.tid === deployment.tenantId ? [] : [`its tenant is ${claims.tid}`]),
    ...(claims.exp * 1000 > nowMs() ? [] : ['it has expired']),
    ...(claims.scp.split(' ').includes('Audit.Read') ? [] : [`its scopes are "${claims.scp}", without Audit.Read`]),
  ];
  if (problems.length === 0) return [tokens.good('yours', `is for ${claims.aud}, with ${claims.scp}`)];
  const remedy = `Get a token for ${deployment.audience} of the tenant ${deployment.tenantId}, with the scope Audit.Read, through the application ${deployment.auditClientId}; or mend the description where it is what is wrong.`;
  return [tokens.wrong('yours', problems.join('; '), remedy)];
}

/** Entra writes the client id alone as the audience of tokens of version 2, and in front of it `api://` in those of version 1. */
function bare(audience: string): string {
  return audience.replace(/^api:\/\//, '');
}

function claimsOf(token: string): z.output<typeof claimsShape> | undefined {
  try {
    const parsed = claimsShape.safeParse(decodeJwt(token));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return undefined;
    throw error;
  }
}

/** The app asks everybody for a token; whoever answers without one has let strangers in. */
async function refusesStrangers(site: Site, { role, url }: App): Promise<Finding> {
  const answer = await ask(site, `${url}/api/health`, { headers: { authorization: 'Bearer none' } });
  if (answer.kind === 'answered' && answer.status === 401) return tokens.good(role, 'refuses what is no token');
  return answer.kind === 'failed'
    ? tokens.unknown(role, `it ${told(answer)}`, 'Mend what keeps it from answering.')
    : tokens.wrong(
        role,
        `answered ${answer.status} to what is no token`,
        'Stop the app: what runs there does not check tokens. Deploy the package again, and compare its SHA-256.',
      );
}

function tokenTaken({ role }: App, answer: Answer): readonly Finding[] {
  if (answer.kind === 'failed') return [];
  const remedies: Readonly<Record<number, string>> = {
    401: 'COUNTERSIGN_API_AUDIENCE and COUNTERSIGN_TENANT_ID of the app must name the audience and the tenant of the token.',
    403: 'You need the scope Audit.Read, and COUNTERSIGN_PERSON_CLIENT_IDS of the app must name the application through which you got the token.',
  };
  if (isTaken(answer)) return [tokens.good(role, 'takes your token')];
  const code = answer.headers.get('x-ms-error-code') ?? '';
  return [
    tokens.wrong(
      role,
      `answered ${answer.status} ${code}`.trim(),
      remedies[answer.status] ?? 'Look at the log of the app, by the time of this run.',
    ),
  ];
}

function isTaken(answer: Answer): boolean {
  return answer.kind === 'answered' && (answer.status === 200 || answer.status === 503);
}

function saysNothing({ role, url }: App): Finding {
  return versions.unknown(
    role,
    'does not say what runs and what it needs',
    `Look whether something stands before ${url} that answers in its place, and whether the version that is deployed is the doctor's.`,
  );
}

function dependenciesOf({ role }: App, { dependencies: found }: Health): readonly Finding[] {
  return found.map(({ name, status, error }) =>
    status === 'down'
      ? dependencies.wrong(`${role}: ${name}`, `is down (${error?.code ?? 'no code'})`, error?.message ?? 'Look at the log of the app.')
      : dependencies.good(`${role}: ${name}`, status === 'off' ? 'is not set up' : 'is up'),
  );
}

function versionsOf(app: App, { running }: Health, { expected }: Site): readonly Finding[] {
  const { role } = app;
  const deployAgain = 'Deploy this version everywhere, or run the doctor of the version that is deployed.';
  return [
    running.version === expected.version
      ? versions.good(role, `runs ${running.version}`)
      : versions.wrong(role, `runs ${running.version}, not ${expected.version}`, deployAgain),
    running.policyVersion === expected.policyVersion
      ? versions.good(`${role}: policies`, shortened(running.policyVersion))
      : versions.wrong(
          `${role}: policies`,
          `${shortened(running.policyVersion)} are in force, not ${shortened(expected.policyVersion)}`,
          'Name the policies that you deployed (--policy DIR); where those are the ones, package and deploy again: the app goes on with its old ones until then.',
        ),
    ...(running.role === role
      ? []
      : [
          versions.wrong(
            `${role}: role`,
            `plays ${running.role}`,
            `COUNTERSIGN_ROLE of ${app.url} must be ${role}: rights are separated by it.`,
          ),
        ]),
  ];
}

function shortened(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

/** What one app seals another opens, so all must know the same keys, and use the same one. */
function sameKeys(told: readonly { readonly app: App; readonly health: Health }[]): readonly Finding[] {
  const [first] = told;
  return told.map(({ app, health }) => {
    const ids = health.running.sealingKeyIds.join(', ');
    return first === undefined || ids === first.health.running.sealingKeyIds.join(', ')
      ? keys.good(app.role, `seals with ${ids}`)
      : keys.wrong(
          app.role,
          `seals with ${ids}; ${first.app.role} with ${first.health.running.sealingKeyIds.join(', ')}`,
          'Restart both, so that they read the secret of the vault again; COUNTERSIGN_SEALING_KEYS must be the same reference in every app.',
        );
  });
}

/** The API's audience as a person asks for it. */
export function apiScope({ audience }: Pick<Deployment, 'audience'>): string {
  return `${audience.replace(/\/+$/, '')}/.default`;
}
