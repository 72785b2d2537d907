import { z } from 'zod';

/** The environment is parsed here, once; every problem is listed, so that a deployment is mended in one go. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The settings are incomplete or wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export const roles = ['edge', 'approvals', 'executor', 'all'] as const;
export type Role = (typeof roles)[number];

/** How a service is reached: by Entra token in the cloud, or by a connection string where it is an emulator on this machine. */
export type Connection<Endpoints> =
  | { readonly kind: 'connectionString'; readonly value: string }
  | ({ readonly kind: 'identity'; readonly clientId: string } & Endpoints);

export type SealingKey = { readonly kid: string; readonly key: Uint8Array };

/** One version of the tenant's tokens that the API accepts. */
export type IssuerSettings = {
  readonly kind: 'entra';
  readonly version: '1.0' | '2.0';
  readonly issuer: string;
  /** The tenant's name in records, whatever the version. */
  readonly authority: string;
  readonly audiences: readonly string[];
  readonly tenantId: string;
  readonly jwksUri: string;
  readonly algorithms: readonly ['RS256'];
  readonly idtypIssued: boolean;
};

/** The user-assigned identities that calls are made with, one a tier. */
export type ExecutorIdentities = {
  readonly operatorClientId: string;
  readonly secretsClientId: string;
  /** `standing`: somebody has given them their roles for good. `perOperation`: they have none but for one operation at a time, given by the granter. */
  readonly rights:
    | { readonly kind: 'standing' }
    | {
        readonly kind: 'perOperation';
        readonly granterClientId: string;
        /** Object ids, which role assignments name. */
        readonly operatorPrincipalId: string;
        readonly secretsPrincipalId: string;
      };
};

/** Where telemetry goes. `identity`: who sends it; absent where the key in the connection string is enough. */
export type TelemetrySettings = {
  readonly connectionString: string;
  readonly identity: { readonly clientId: string | undefined } | undefined;
};

/** Which hosts are vaults of this cloud, and who may ask for a token there. */
export type KeyVaultSettings = {
  /** What follows the name of a vault: `.vault.azure.net`, with a port only on this machine. */
  readonly suffix: string;
  /** Origins that a vault may name as those where its tokens come from. */
  readonly authorities: readonly string[];
  /** Canonical addresses of those that health asks after; any other vault may be used all the same. */
  readonly watched: readonly string[];
};

/** Who is told how operations end. */
export type NoticeSettings =
  | { readonly kind: 'webhook'; readonly url: string; readonly secrets: readonly Uint8Array[] }
  | { readonly kind: 'eventGrid'; readonly endpoint: string; readonly clientId: string };

export type Config = {
  readonly role: Role;
  readonly publicUrl: string;
  readonly tenantId: string;
  readonly api: { readonly personClients: readonly string[]; readonly issuers: readonly IssuerSettings[] };
  readonly storage: Connection<{ readonly tableServiceUri: string; readonly blobServiceUri: string }>;
  readonly serviceBus: Connection<{ readonly fullyQualifiedNamespace: string }>;
  /** The first seals; the others still open what was sealed before. */
  readonly sealingKeys: readonly [SealingKey, ...SealingKey[]];
  readonly policy: { readonly directory: string; readonly protectedScopes: readonly string[] };
  /** Secrets are always masked; these kinds of personal data are too. The same in every role: what one masked, another checks. */
  readonly maskedPersonalData: readonly PersonalData[];
  readonly azure: {
    readonly armEndpoint: string;
    readonly graphEndpoint: string;
    readonly readerClientId: string;
    readonly directoryClientId: string;
    /** So old may be what the directory said; never over a minute, since it is what ends an agent whose owner has left. */
    readonly directoryMaxAgeMs: number;
    /** Only the executor has any. */
    readonly executor: ExecutorIdentities | undefined;
  };
  readonly keyVault: KeyVaultSettings;
  /** Absent: no telemetry is sent, and nothing that could is loaded. */
  readonly telemetry: TelemetrySettings | undefined;
  /** Who is told how operations end; only where cards are posted, too. */
  readonly notices: NoticeSettings | undefined;
  /** Only where cards are posted and votes are taken. */
  readonly teams:
    | {
        readonly botAppId: string;
        readonly issuer: string;
        readonly openIdMetadataUrl: string;
        readonly serviceUrls: readonly [string, ...string[]];
      }
    | undefined;
};

export const personalData = ['email', 'phone', 'card', 'nationalId'] as const;
export type PersonalData = (typeof personalData)[number];

/** Clients that anybody's laptop has: an agent there could fetch a token of its user through them. Never allowed to vote. */
export const commandLineClients: ReadonlySet<string> = new Set([
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46', // Azure CLI
  '1950a258-227b-4e31-a9cf-717495945fc2', // Azure PowerShell
  '872cd9fa-d31f-45e0-9eab-6e460a02d1f1', // Visual Studio
  'aebc6443-996d-45c2-90f0-388ff96faa56', // Visual Studio Code
]);

const guid = z.guid('must be a GUID').transform((text) => text.toLowerCase());
const list = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()))
  .pipe(z.array(z.string().min(1, 'must not have an empty entry')));
const isLoopback = (host: string) => host === 'localhost' || host === '127.0.0.1' || host === '[::1]' || host.endsWith('.localhost');

/** https everywhere; http only on this machine, where the stand-ins are. */
const serviceUrl = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))) {
    context.addIssue({ code: 'custom', message: 'must be an https URL (http only for this machine)' });
  }
});

const storageEmulator = emulatorConnection(['tableendpoint', 'blobendpoint']);
const serviceBusEmulator = emulatorConnection(['endpoint']);

/** `needed` are the endpoints that a client would otherwise derive from the account's name, which is how a cloud is reached with a shared key. */
function emulatorConnection(needed: readonly string[]) {
  return z
    .string()
    .refine(
      (text) => pointsToThisMachine(text, needed),
      'a connection string is only for an emulator on this machine; elsewhere use an identity',
    );
}

function pointsToThisMachine(connectionString: string, needed: readonly string[]): boolean {
  const endpoints = connectionString
    .split(';')
    .map(readPart)
    .filter(({ name }) => name.endsWith('endpoint'));
  const given = endpoints.map(({ name }) => name);
  return needed.every((name) => given.includes(name)) && endpoints.every(({ value }) => isOnThisMachine(value));
}

/** Clients read the names without case or without outer spaces, so both are taken off here. */
function readPart(part: string): { readonly name: string; readonly value: string } {
  const [name = '', ...value] = part.split('=');
  return { name: name.trim().toLowerCase(), value: value.join('=').trim() };
}

function isOnThisMachine(text: string): boolean {
  const url = text.replace(/^sb:/i, 'http:');
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}

const sealingKey = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,40}:[A-Za-z0-9+/]{43}=$/, 'must be a key id, a colon and 32 bytes in base64')
  .transform((text): SealingKey => {
    const [kid = '', key = ''] = text.split(':');
    return { kid, key: new Uint8Array(Buffer.from(key, 'base64')) };
  });
const sealingKeys = list
  .pipe(z.tuple([sealingKey], sealingKey))
  .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'must not use a key id twice');

/** Source: learn.microsoft.com/azure/azure-monitor/app/connection-strings; nothing is sent to an endpoint that nobody named. */
const telemetryConnection = z.string().refine((text) => {
  const parts = new Map(text.split(';').map((part) => [readPart(part).name, readPart(part).value]));
  const endpoint = parts.get('ingestionendpoint') ?? '';
  const isKey = guid.safeParse(parts.get('instrumentationkey')).success;
  return isKey && URL.canParse(endpoint) && new URL(endpoint).protocol === 'https:';
}, 'must have InstrumentationKey=<GUID> and IngestionEndpoint=https://…');

/** Source: learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string. */
const telemetryIdentity = z
  .string()
  .regex(/^Authorization=AAD(;ClientId=[0-9a-fA-F-]{36})?$/i, 'must be Authorization=AAD or Authorization=AAD;ClientId=<GUID>')
  .transform((text) => ({ clientId: text.split('=')[2] }));

/** A setting without a value is one that is not there: templates write it so. */
const orNothing = <Schema extends z.ZodType>(schema: Schema) => z.union([z.literal('').transform(() => undefined), schema]).optional();

/** At least two labels, so that nobody's own top-level name is one; a port only where the name can be no other machine's. */
const vaultSuffix = z
  .string()
  .regex(/^(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?){2,}$|^(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\.localhost:\d{1,5}$/, 'must be as .vault.azure.net');

/** Each is asked a question whenever health is asked for. */
const maxWatchedVaults = 20;

/** Every problem that only two settings together show. */
function checkWatched(
  settings: { readonly COUNTERSIGN_WATCHED_VAULTS?: readonly string[] | undefined; readonly COUNTERSIGN_VAULT_SUFFIX: string },
  context: z.RefinementCtx,
): void {
  const suffix = settings.COUNTERSIGN_VAULT_SUFFIX;
  const isVault = (address: string) =>
    address.endsWith(suffix) && /^https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]$/.test(address.slice(0, -suffix.length));
  if (settings.COUNTERSIGN_WATCHED_VAULTS?.every(isVault) === false)
    context.addIssue({ code: 'custom', path: ['COUNTERSIGN_WATCHED_VAULTS'], message: `must be as https://NAME${suffix}` });
}

const common = z.object({
  COUNTERSIGN_ROLE: z.enum(roles),
  COUNTERSIGN_PUBLIC_URL: serviceUrl,
  COUNTERSIGN_TENANT_ID: guid,
  COUNTERSIGN_API_AUDIENCE: list,
  COUNTERSIGN_PERSON_CLIENT_IDS: list.pipe(
    z.array(guid.refine((id) => !commandLineClients.has(id), 'a command-line client could be used by an agent on its user’s machine')),
  ),
  COUNTERSIGN_IDTYP_ISSUED: z.enum(['true', 'false']).default('true'),
  COUNTERSIGN_AUTHORITY_HOST: serviceUrl.default('https://login.microsoftonline.com'),
  STORAGE: storageEmulator.optional(),
  STORAGE__tableServiceUri: serviceUrl.optional(),
  STORAGE__blobServiceUri: serviceUrl.optional(),
  STORAGE__clientId: guid.optional(),
  SERVICE_BUS__clientId: guid.optional(),
  SERVICE_BUS: serviceBusEmulator.optional(),
  SERVICE_BUS__fullyQualifiedNamespace: z
    .string()
    .regex(/^[a-z0-9-]+\.servicebus\.[a-z.]+$/i, 'must be a namespace host such as x.servicebus.windows.net')
    .optional(),
  COUNTERSIGN_SEALING_KEYS: sealingKeys,
  COUNTERSIGN_POLICY_DIRECTORY: z.string().min(1),
  COUNTERSIGN_PROTECTED_SCOPES: list,
  COUNTERSIGN_MASK_PERSONAL_DATA: z
    .string()
    .default('')
    .transform((text) => (text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim())))
    .pipe(z.array(z.enum(personalData))),
  COUNTERSIGN_ARM_ENDPOINT: serviceUrl.refine((text) => text.startsWith('https:'), 'must be https').default('https://management.azure.com'),
  COUNTERSIGN_GRAPH_ENDPOINT: serviceUrl.default('https://graph.microsoft.com/v1.0'),
  COUNTERSIGN_VAULT_SUFFIX: vaultSuffix.default('.vault.azure.net'),
  COUNTERSIGN_WATCHED_VAULTS: orNothing(
    list.pipe(
      z
        .array(
          z
            .string()
            .regex(/^[!-~]{1,300}$/, 'must be addresses')
            .toLowerCase(),
        )
        .max(maxWatchedVaults, `must not be more than ${maxWatchedVaults}`),
    ),
  ),
  COUNTERSIGN_READER_CLIENT_ID: guid,
  COUNTERSIGN_DIRECTORY_CLIENT_ID: guid,
  COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: z
    .string()
    .regex(/^([0-9]|[1-5][0-9]|60)$/, 'must be 0 to 60')
    .default('60'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: orNothing(telemetryConnection),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: orNothing(telemetryIdentity),
});
const executor = z.object({
  COUNTERSIGN_OPERATOR_CLIENT_ID: guid,
  COUNTERSIGN_SECRETS_CLIENT_ID: guid,
  COUNTERSIGN_RIGHTS: z.enum(['perOperation', 'standing']).default('perOperation'),
});
const granting = z.object({
  COUNTERSIGN_GRANTER_CLIENT_ID: guid,
  COUNTERSIGN_OPERATOR_PRINCIPAL_ID: guid,
  COUNTERSIGN_SECRETS_PRINCIPAL_ID: guid,
});
const approvals = z.object({
  COUNTERSIGN_BOT_APP_ID: guid,
  COUNTERSIGN_BOT_ISSUER: z.string().min(1).default('https://api.botframework.com'),
  COUNTERSIGN_BOT_OPENID_METADATA_URL: serviceUrl
    .refine((text) => text.endsWith('/openidconfiguration'), 'must end in /openidconfiguration')
    .default('https://login.botframework.com/v1/.well-known/openidconfiguration'),
  COUNTERSIGN_TEAMS_SERVICE_URLS: list.pipe(z.tuple([serviceUrl], serviceUrl)),
});

/** https, on this machine too: notices are signed, not sealed. */
const receiverUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
}, 'must be an https URL without credentials or fragment');

/** Hosts that a token for Event Grid may be sent to. */
const eventGridHost = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.eventgrid\.azure\.(?:net|us|cn)$/;

function isEventGrid(text: string): boolean {
  const host = URL.parse(text)?.hostname ?? '';
  return eventGridHost.test(host) || isLoopback(host);
}

const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64')
  .transform((text) => new Uint8Array(Buffer.from(text.slice('whsec_'.length), 'base64')))
  .refine((key) => key.length >= 24 && key.length <= 64, 'must be whsec_ and 24 to 64 bytes in base64');

const notices = z
  .object({
    COUNTERSIGN_NOTICE_WEBHOOK_URL: orNothing(receiverUrl),
    COUNTERSIGN_NOTICE_WEBHOOK_SECRETS: orNothing(list.pipe(z.array(webhookSecret).max(2, 'must be one secret, or two while they change'))),
    COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT: orNothing(receiverUrl.refine(isEventGrid, 'must be the endpoint of an Event Grid topic')),
    COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID: orNothing(
      z
        .string()
        .refine((text) => guid.safeParse(text).success, 'must be a GUID')
        .toLowerCase(),
    ),
  })
  .superRefine((settings, context) => {
    const wrong = (name: keyof typeof settings, message: string) => context.addIssue({ code: 'custom', path: [name], message });
    const needs = (one: keyof typeof settings, other: keyof typeof settings) => {
      if (settings[one] !== undefined && settings[other] === undefined) wrong(other, `is needed with ${one}`);
    };
    needs('COUNTERSIGN_NOTICE_WEBHOOK_URL', 'COUNTERSIGN_NOTICE_WEBHOOK_SECRETS');
    needs('COUNTERSIGN_NOTICE_WEBHOOK_SECRETS', 'COUNTERSIGN_NOTICE_WEBHOOK_URL');
    needs('COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT', 'COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID');
    needs('COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID', 'COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT');
    if (settings.COUNTERSIGN_NOTICE_WEBHOOK_URL !== undefined && settings.COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT !== undefined) {
      wrong('COUNTERSIGN_NOTICE_WEBHOOK_URL', 'is one receiver too many: a webhook or a topic of Event Grid');
    }
  });

/** Reads the settings of a function app. Throws {@link ConfigError} that lists every problem and repeats no value. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const role = roles.find((known) => known === environment['COUNTERSIGN_ROLE']);
  const base = common.superRefine(checkWatched).safeParse(environment);
  const forExecutor = role === 'executor' || role === 'all' ? executor.safeParse(environment) : undefined;
  const forApprovals = role === 'approvals' || role === 'all' ? approvals.safeParse(environment) : undefined;
  const forNotices = forApprovals === undefined ? undefined : notices.safeParse(environment);
  const grants = forExecutor !== undefined && environment['COUNTERSIGN_RIGHTS'] !== 'standing';
  const forGranting = grants ? granting.safeParse(environment) : undefined;
  const problems = [base, forExecutor, forGranting, forApprovals, forNotices].flatMap((result) =>
    result?.success === false ? result.error.issues.map(problemOf) : [],
  );
  const storage = storageOf(environment);
  const serviceBus = serviceBusOf(environment);
  if (storage === undefined)
    problems.push('STORAGE__tableServiceUri, STORAGE__blobServiceUri and STORAGE__clientId (or STORAGE, for an emulator) are missing');
  if (serviceBus === undefined)
    problems.push('SERVICE_BUS__fullyQualifiedNamespace and SERVICE_BUS__clientId (or SERVICE_BUS, for an emulator) are missing');
  problems.push(...sharedIdentities(environment));
  if (problems.length > 0 || !base.success || storage === undefined || serviceBus === undefined) throw new ConfigError(problems);
  const settings = base.data;
  return {
    role: settings.COUNTERSIGN_ROLE,
    publicUrl: settings.COUNTERSIGN_PUBLIC_URL.replace(/\/+$/, ''),
    tenantId: settings.COUNTERSIGN_TENANT_ID,
    api: { personClients: settings.COUNTERSIGN_PERSON_CLIENT_IDS, issuers: entraIssuers(settings) },
    storage,
    serviceBus,
    sealingKeys: settings.COUNTERSIGN_SEALING_KEYS,
    policy: {
      directory: settings.COUNTERSIGN_POLICY_DIRECTORY,
      protectedScopes: settings.COUNTERSIGN_PROTECTED_SCOPES.map((scope) => scope.toLowerCase()),
    },
    maskedPersonalData: settings.COUNTERSIGN_MASK_PERSONAL_DATA,
    azure: {
      armEndpoint: settings.COUNTERSIGN_ARM_ENDPOINT.replace(/\/+$/, ''),
      graphEndpoint: settings.COUNTERSIGN_GRAPH_ENDPOINT.replace(/\/+$/, ''),
      readerClientId: settings.COUNTERSIGN_READER_CLIENT_ID,
      directoryClientId: settings.COUNTERSIGN_DIRECTORY_CLIENT_ID,
      directoryMaxAgeMs: Number(settings.COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS) * 1000,
      executor: forExecutor?.success ? executorOf(forExecutor.data, forGranting?.data) : undefined,
    },
    keyVault: {
      suffix: settings.COUNTERSIGN_VAULT_SUFFIX,
      authorities: vaultAuthorities(settings.COUNTERSIGN_AUTHORITY_HOST),
      watched: settings.COUNTERSIGN_WATCHED_VAULTS ?? [],
    },
    telemetry:
      settings.APPLICATIONINSIGHTS_CONNECTION_STRING === undefined
        ? undefined
        : {
            connectionString: settings.APPLICATIONINSIGHTS_CONNECTION_STRING,
            identity: settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING,
          },
    notices: forNotices?.success ? noticesOf(forNotices.data) : undefined,
    teams: forApprovals?.success
      ? {
          botAppId: forApprovals.data.COUNTERSIGN_BOT_APP_ID,
          issuer: forApprovals.data.COUNTERSIGN_BOT_ISSUER,
          openIdMetadataUrl: forApprovals.data.COUNTERSIGN_BOT_OPENID_METADATA_URL,
          serviceUrls: forApprovals.data.COUNTERSIGN_TEAMS_SERVICE_URLS,
        }
      : undefined,
  };
}

function noticesOf(settings: z.output<typeof notices>): NoticeSettings | undefined {
  const { COUNTERSIGN_NOTICE_WEBHOOK_URL: url, COUNTERSIGN_NOTICE_WEBHOOK_SECRETS: secrets } = settings;
  const { COUNTERSIGN_NOTICE_EVENT_GRID_ENDPOINT: endpoint, COUNTERSIGN_NOTICE_EVENT_GRID_CLIENT_ID: clientId } = settings;
  if (url !== undefined && secrets !== undefined) return { kind: 'webhook', url, secrets };
  return endpoint !== undefined && clientId !== undefined ? { kind: 'eventGrid', endpoint, clientId } : undefined;
}

function executorOf(settings: z.output<typeof executor>, grants: z.output<typeof granting> | undefined): ExecutorIdentities {
  return {
    operatorClientId: settings.COUNTERSIGN_OPERATOR_CLIENT_ID,
    secretsClientId: settings.COUNTERSIGN_SECRETS_CLIENT_ID,
    rights:
      grants === undefined
        ? { kind: 'standing' }
        : {
            kind: 'perOperation',
            granterClientId: grants.COUNTERSIGN_GRANTER_CLIENT_ID,
            operatorPrincipalId: grants.COUNTERSIGN_OPERATOR_PRINCIPAL_ID,
            secretsPrincipalId: grants.COUNTERSIGN_SECRETS_PRINCIPAL_ID,
          },
  };
}

const identityGroups = [
  ['COUNTERSIGN_READER_CLIENT_ID', 'COUNTERSIGN_OPERATOR_CLIENT_ID', 'COUNTERSIGN_SECRETS_CLIENT_ID', 'COUNTERSIGN_GRANTER_CLIENT_ID'],
  ['COUNTERSIGN_OPERATOR_PRINCIPAL_ID', 'COUNTERSIGN_SECRETS_PRINCIPAL_ID'],
] as const;

/** One identity under two names would hold the rights of both. */
function sharedIdentities(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return identityGroups.flatMap((names) =>
    names.flatMap((name, index) => {
      const value = environment[name]?.toLowerCase();
      const other = names.slice(0, index).find((earlier) => value !== undefined && environment[earlier]?.toLowerCase() === value);
      return other === undefined ? [] : [`${name}: must be another identity than ${other}`];
    }),
  );
}

/**
 * The tenant's tokens of both versions: which one is issued is a property of the API's registration (`accessTokenAcceptedVersion`), and managed identities may get
 * the first. Source: learn.microsoft.com/entra/identity-platform/access-tokens, token formats.
 */
function entraIssuers(settings: z.output<typeof common>): readonly IssuerSettings[] {
  const tenantId = settings.COUNTERSIGN_TENANT_ID;
  const host = settings.COUNTERSIGN_AUTHORITY_HOST.replace(/\/+$/, '');
  const authority = `${host}/${tenantId}/v2.0`;
  const tenant = {
    kind: 'entra',
    authority,
    audiences: settings.COUNTERSIGN_API_AUDIENCE,
    tenantId,
    algorithms: ['RS256'],
    idtypIssued: settings.COUNTERSIGN_IDTYP_ISSUED === 'true',
  } as const;
  return [
    { ...tenant, version: '2.0', issuer: authority, jwksUri: `${host}/${tenantId}/discovery/v2.0/keys` },
    { ...tenant, version: '1.0', issuer: `${firstVersionHost(host)}/${tenantId}/`, jwksUri: `${host}/${tenantId}/discovery/keys` },
  ];
}

/** Tokens of version 1 are issued under a name of their own, which the cloud run in China has apart. */
function firstVersionHost(authorityHost: string): string {
  return new URL(authorityHost).hostname.endsWith('.cn') ? 'https://sts.chinacloudapi.cn' : 'https://sts.windows.net';
}

/** Vaults of the public cloud name Entra ID by its former host. */
function vaultAuthorities(authorityHost: string): readonly string[] {
  const { origin } = new URL(authorityHost);
  return origin === 'https://login.microsoftonline.com' ? [origin, 'https://login.windows.net'] : [origin];
}

function problemOf(issue: z.core.$ZodIssue): string {
  return `${issue.path.map(String).join('.')}: ${issue.message}`;
}

/** `__clientId` is how the functions host names the user-assigned identity of a connection. */
function storageOf(environment: Readonly<Record<string, string | undefined>>): Config['storage'] | undefined {
  const {
    STORAGE: value,
    STORAGE__tableServiceUri: tableServiceUri,
    STORAGE__blobServiceUri: blobServiceUri,
    STORAGE__clientId: clientId,
  } = environment;
  if (tableServiceUri !== undefined && blobServiceUri !== undefined && clientId !== undefined) {
    return { kind: 'identity', clientId, tableServiceUri, blobServiceUri };
  }
  return value === undefined ? undefined : { kind: 'connectionString', value };
}

function serviceBusOf(environment: Readonly<Record<string, string | undefined>>): Config['serviceBus'] | undefined {
  const {
    SERVICE_BUS: value,
    SERVICE_BUS__fullyQualifiedNamespace: fullyQualifiedNamespace,
    SERVICE_BUS__clientId: clientId,
  } = environment;
  if (fullyQualifiedNamespace !== undefined && clientId !== undefined) return { kind: 'identity', clientId, fullyQualifiedNamespace };
  return value === undefined ? undefined : { kind: 'connectionString', value };
}
