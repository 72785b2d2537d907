import { describe, expect, it } from 'vitest';
import { packagedPolicies } from '../../../infra/package/package-files.ts';
import { ConfigError, parseConfig, type Role } from '../../../shared/config.ts';
import { asObject, asText, type BicepObject, valueAt } from '../../support/bicep/bicep-value.ts';
import { deployed } from './deployed.ts';

type Settings = Readonly<Record<string, string>>;

/** What the functions host reads, and nobody else. Source: learn.microsoft.com/azure/azure-functions/functions-app-settings. */
const ofTheHost = [
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'SERVICE_BUS__credential',
];

/** What apps on this machine have, and apps in Azure never. */
const onlyHere = ['STORAGE', 'SERVICE_BUS'];

function settingsOf(parameters: BicepObject): ReadonlyMap<string, Settings> {
  const { resources } = deployed(parameters);
  const configs = resources.filter(({ id }) => id.endsWith('/config/appsettings'));
  return new Map(
    configs.map(({ id, body }) => {
      const settings = Object.entries(asObject(body['properties'])).map(([name, value]): [string, string] => [name, asText(value)]);
      return [id.split('/').at(-3)?.split('-').at(-1) ?? '', Object.fromEntries(settings)];
    }),
  );
}

/** As the platform hands them over: references to the vault are what the vault holds. */
function resolved(settings: Settings): Settings {
  const held: Settings = {
    'sealing-keys': `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    'notice-webhook-secrets': `whsec_${Buffer.alloc(32, 2).toString('base64')}`,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const secret = /^@Microsoft\.KeyVault\(VaultName=kv-[0-9a-z]{13};SecretName=([a-z-]+)\)$/.exec(value)?.[1];
      return [name, secret === undefined ? value : (held[secret] ?? '')];
    }),
  );
}

function problemsOf(settings: Settings): readonly string[] {
  try {
    parseConfig(settings);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const everyName = [
  ...new Set([...settingsOf({}).values(), ...settingsOf({ layout: 'single' }).values()].flatMap((settings) => Object.keys(settings))),
];

/** Whether the role looks at a setting: a value that nothing takes is then a problem. */
function reads(role: Role, settings: Settings, name: string): boolean {
  return ['', '\u0000 not this'].some((value) =>
    problemsOf({ ...settings, COUNTERSIGN_ROLE: role, [name]: value }).some((problem) => problem.includes(name)),
  );
}

const apps = [
  ...[...settingsOf({})].map(([role, settings]) => ({ role, settings })),
  ...[...settingsOf({ layout: 'single' })].map(([role, settings]) => ({ role, settings })),
];

describe.each(apps)('the settings of the app that plays $role', ({ role, settings }) => {
  it('are complete and right', () => {
    expect(problemsOf(resolved(settings))).toEqual([]);
    expect(parseConfig(resolved(settings)).role).toBe(role);
  });

  it('have none that it does not read', () => {
    const config = parseConfig(resolved(settings));
    const unread = Object.keys(settings).filter((name) => !ofTheHost.includes(name) && !reads(config.role, resolved(settings), name));
    expect(unread).toEqual([]);
  });

  it('miss none that it reads', () => {
    const config = parseConfig(resolved(settings));
    const missing = [...everyName, ...onlyHere].filter(
      (name) => settings[name] === undefined && reads(config.role, resolved(settings), name),
    );
    expect(missing).toEqual(onlyHere);
  });

  it('have no secret in them', () => {
    const secret = Object.entries(settings).filter(([name, value]) => /KEY|SECRETS$|PASSWORD/.test(name) && value !== '');
    expect(secret.map(([, value]) => value.startsWith('@Microsoft.KeyVault('))).toEqual(secret.map(() => true));
    expect(secret.map(([name]) => name)).toContain('COUNTERSIGN_SEALING_KEYS');
    expect(Object.values(settings).filter((value) => /AccountKey=|SharedAccessKey|sig=/i.test(value))).toEqual([]);
  });

  it('name the place where a release has its policies', () => {
    expect(settings['COUNTERSIGN_POLICY_DIRECTORY']).toBe(`/home/site/wwwroot/${packagedPolicies}`);
  });

  it('protect the resource group of Countersign', () => {
    expect(parseConfig(resolved(settings)).policy.protectedScopes).toEqual([
      '/subscriptions/00000000-0000-4000-8000-00000000000a/resourcegroups/rg-prod',
    ]);
  });
});

describe('an app', () => {
  const identitiesOf = (role: string) => {
    const site = deployed().resources.find(({ type, id }) => type.startsWith('Microsoft.Web/sites@') && id.endsWith(`-${role}`));
    return Object.keys(asObject(valueAt(site?.body, 'identity', 'userAssignedIdentities'))).map((id) => id.split('-').at(-1));
  };

  it('may ask for tokens of these identities and no others', () => {
    expect(identitiesOf('edge')).toEqual(['edge', 'reader', 'directory']);
    expect(identitiesOf('approvals')).toEqual(['approvals', 'reader', 'directory', 'bot']);
    expect(identitiesOf('executor')).toEqual(['executor', 'reader', 'directory', 'operator', 'secrets', 'granter']);
  });

  it('takes references to secrets, its code and its host storage by its own identity', () => {
    for (const role of ['edge', 'approvals', 'executor']) {
      const site = deployed().resources.find(({ type, id }) => type.startsWith('Microsoft.Web/sites@') && id.endsWith(`-${role}`));
      const storage = asObject(valueAt(site?.body, 'properties', 'functionAppConfig', 'deployment', 'storage'));
      expect(asText(valueAt(site?.body, 'properties', 'keyVaultReferenceIdentity'))).toMatch(new RegExp(`-${role}$`));
      expect(asText(valueAt(storage, 'authentication', 'userAssignedIdentityResourceId'))).toMatch(new RegExp(`-${role}$`));
      expect(asText(storage['value'])).toMatch(new RegExp(`^https://st[0-9a-z]{13}${role}\\.blob\\.core\\.windows\\.net/releases$`));
    }
  });

  it('asks in its health after the vaults that are named, and after none otherwise', () => {
    const named = settingsOf({ watchedVaults: ['kv-Agents', 'kv-data'] });
    for (const settings of named.values()) {
      expect(parseConfig(resolved(settings)).keyVault.watched).toEqual([
        'https://kv-agents.vault.azure.net',
        'https://kv-data.vault.azure.net',
      ]);
    }
    expect(parseConfig(resolved(settingsOf({}).get('edge') ?? {})).keyVault.watched).toEqual([]);
  });

  it('takes people through the console and the command line that only reads', () => {
    expect(settingsOf({}).get('edge')?.['COUNTERSIGN_PERSON_CLIENT_IDS']).toBe(
      '66666666-6666-4666-8666-000000000001,66666666-6666-4666-8666-000000000002',
    );
  });

  it('tells a webhook, or a topic of Event Grid, once somebody says so', () => {
    const webhook = settingsOf({ noticeWebhookUrl: 'https://hooks.example/countersign' }).get('approvals') ?? {};
    expect(parseConfig(resolved(webhook)).notices).toMatchObject({ kind: 'webhook', url: 'https://hooks.example/countersign' });
    const topic = settingsOf({ noticeEventGridEndpoint: 'https://t.westeurope-1.eventgrid.azure.net/api/events' }).get('approvals') ?? {};
    expect(parseConfig(resolved(topic)).notices).toMatchObject({ kind: 'eventGrid', clientId: topic['STORAGE__clientId'] });
  });
});
