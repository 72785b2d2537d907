import { z } from 'zod';

const guid = z.guid().toLowerCase();
const armId = z.string().regex(/^\/subscriptions\/[^\s?#]+$/, 'must be a resource id');
/** Tokens go there, so that it must be https; on this machine nobody is in between. */
const url = z
  .url()
  .refine((text) => /^https:\/\/|^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?(?:\/|$)/.test(text), 'must begin with https://')
  .transform((text) => text.replace(/\/+$/, ''));

const right = z.strictObject({
  /** The built-in role. */
  roleId: guid,
  /** Where it is given: a subscription, a group, a resource, a queue, a table or a container. */
  scope: armId,
  /** The condition of the assignment, to the letter. */
  condition: z.string().min(1).optional(),
});

const shape = z.strictObject({
  tenantId: guid,
  /** What tokens for the API are for. */
  audience: z.string().min(1),
  /** Who issues them; Entra ID in the public cloud unless it is said. */
  issuers: z.array(z.string().min(1)).min(1).optional(),
  /** The application through which people get them by command line. */
  auditClientId: guid,
  /** Origin of Azure Resource Manager. */
  azure: url.default('https://management.azure.com'),
  /** Microsoft Graph, with its version. */
  graph: url.default('https://graph.microsoft.com/v1.0'),
  subscriptionId: guid,
  apps: z.array(z.strictObject({ role: z.enum(['edge', 'approvals', 'executor', 'all']), url })).min(1),
  /** As `COUNTERSIGN_PROTECTED_SCOPES` has them: the version of the policies depends on them. */
  protectedScopes: z.array(z.string().min(1)).min(1),
  serviceBusNamespace: armId,
  storageAccount: armId,
  /** Accounts of the apps' hosts, which hold the code that runs. */
  hostAccounts: z.array(armId).default([]),
  /** The secret in Key Vault that holds the sealing keys; absent where they are kept elsewhere. */
  sealingKeys: z.strictObject({ vault: armId, secret: z.string().min(1) }).optional(),
  /** The Azure Bot; absent where there is none. */
  bot: armId.optional(),
  identities: z.array(
    z.strictObject({
      name: z.string().min(1),
      principalId: guid,
      /** Whether Countersign gives it rights for the time of an operation. */
      takesRightsOfOperations: z.boolean().default(false),
      rights: z.array(right),
      /** Application permissions of Microsoft Graph, by name. */
      graphPermissions: z.array(z.string().min(1)).default([]),
    }),
  ),
});

/** What was deployed, and what it should be allowed to do: what the doctor compares with what it finds. */
export type Deployment = z.output<typeof shape>;
export type Right = Deployment['identities'][number]['rights'][number];
export type App = Deployment['apps'][number];

/** Reads the description of a deployment. Throws an error that lists everything that is wrong with it. */
export function parseDeployment(text: string): Deployment {
  const parsed = shape.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`The description of the deployment is not sound:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The description of the deployment is not JSON.');
  }
}

/** Both versions of the tenant's tokens. */
export function issuersOf({ tenantId, issuers }: Deployment): readonly string[] {
  return issuers ?? [`https://login.microsoftonline.com/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`];
}

/** The app that plays a role; the one that plays all of them, where there is only that. */
export function appOf({ apps }: Deployment, role: Exclude<App['role'], 'all'>): App | undefined {
  return apps.find((app) => app.role === role || app.role === 'all');
}
