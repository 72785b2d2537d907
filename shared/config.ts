import { z } from 'zod';
import { api, entraIssuers, type IssuerSettings } from './config/api.ts';
import { connections, type ServiceBusConnection, type StorageConnection, serviceBusOf, storageOf } from './config/connections.ts';
import { type ExecutorIdentities, executor, executorOf, granting, sharedIdentities } from './config/executor.ts';
import { checkWatched, type KeyVaultSettings, keyVault, vaultAuthorities } from './config/key-vault.ts';
import { type NoticeSettings, notices, noticesOf } from './config/notices.ts';
import { type SealingKey, sealingKeys } from './config/sealing-keys.ts';
import { approvals, type TeamsSettings, teamsOf } from './config/teams.ts';
import { type TelemetrySettings, telemetry, telemetryOf } from './config/telemetry.ts';
import { type Environment, guid, list, serviceUrl } from './config/values.ts';

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

export type Config = {
  readonly role: Role;
  readonly publicUrl: string;
  readonly tenantId: string;
  readonly api: { readonly personClients: readonly string[]; readonly issuers: readonly IssuerSettings[] };
  readonly storage: StorageConnection;
  readonly serviceBus: ServiceBusConnection;
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
  readonly teams: TeamsSettings | undefined;
};

export const personalData = ['email', 'phone', 'card', 'nationalId'] as const;
export type PersonalData = (typeof personalData)[number];

const common = z
  .object({
    COUNTERSIGN_ROLE: z.enum(roles),
    COUNTERSIGN_PUBLIC_URL: serviceUrl,
    ...api.shape,
    ...connections.shape,
    ...keyVault.shape,
    ...telemetry.shape,
    COUNTERSIGN_SEALING_KEYS: sealingKeys,
    COUNTERSIGN_POLICY_DIRECTORY: z.string().min(1),
    COUNTERSIGN_PROTECTED_SCOPES: list,
    COUNTERSIGN_MASK_PERSONAL_DATA: z
      .string()
      .default('')
      .transform((text) => (text.trim() === '' ? [] : text.split(',').map((entry) => entry.trim())))
      .pipe(z.array(z.enum(personalData))),
    COUNTERSIGN_ARM_ENDPOINT: serviceUrl
      .refine((text) => text.startsWith('https:'), 'must be https')
      .default('https://management.azure.com'),
    COUNTERSIGN_GRAPH_ENDPOINT: serviceUrl.default('https://graph.microsoft.com/v1.0'),
    COUNTERSIGN_READER_CLIENT_ID: guid,
    COUNTERSIGN_DIRECTORY_CLIENT_ID: guid,
    COUNTERSIGN_DIRECTORY_MAX_AGE_SECONDS: z
      .string()
      .regex(/^([0-9]|[1-5][0-9]|60)$/, 'must be 0 to 60')
      .default('60'),
  })
  .superRefine(checkWatched);

/** Reads the settings of a function app. Throws {@link ConfigError} that lists every problem and repeats no value. */
export function parseConfig(environment: Environment): Config {
  const role = roles.find((known) => known === environment['COUNTERSIGN_ROLE']);
  const base = common.safeParse(environment);
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
    telemetry: telemetryOf(settings),
    notices: forNotices?.success ? noticesOf(forNotices.data) : undefined,
    teams: forApprovals?.success ? teamsOf(forApprovals.data) : undefined,
  };
}

function problemOf(issue: z.core.$ZodIssue): string {
  return `${issue.path.map(String).join('.')}: ${issue.message}`;
}
