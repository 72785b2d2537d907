import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { releaseCommand, type Surroundings } from '../../../infra/azure/release.ts';
import type { ProgramEnd } from '../../../infra/azure/run-program.ts';
import { policyEntries } from '../../../infra/package/package-files.ts';
import { zipOf } from '../../../infra/package/zip-archive.ts';
import { azureDirectory } from './deployed.ts';

const ownPolicies = join(azureDirectory, '../policy');

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-release-test-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const target = ['--resource-group', 'rg-prod', '--vault', 'kv-x', '--apps', 'func-x-edge,func-x-approvals,func-x-executor'];

type Machine = {
  readonly secrets?: readonly string[];
  readonly az?: (args: readonly string[]) => ProgramEnd | undefined;
  readonly health?: (url: string) => number;
};

/** Somebody's machine, with an `az` that answers and records; what it was given as a file is read at once, as `az` does. */
function machine({ secrets = ['sealing-keys'], az, health = () => 200 }: Machine = {}) {
  const calls: string[] = [];
  const files: string[] = [];
  const lines: string[] = [];
  const around: Surroundings = {
    environment: {},
    run: async (program, args) => {
      calls.push([program, ...args.filter((arg) => arg !== '--output' && arg !== 'json')].join(' '));
      for (const arg of args.filter((one) => one.startsWith('@'))) files.push(await readFile(arg.slice(1), 'utf8'));
      const answer = az?.(args);
      if (az !== undefined && answer === undefined) return undefined;
      const listed = JSON.stringify({ value: secrets.map((name) => ({ name })) });
      return answer ?? { exitCode: 0, stdout: args[0] === 'rest' && args.includes('get') ? listed : '{}', stderr: '' };
    },
    fetch: async (url) => ({ status: health(url) }),
    pause: async () => undefined,
    write: (line) => lines.push(line),
    keptIn: join(directory, 'releases'),
  };
  return { around, calls, files, lines };
}

/** A package that holds nothing but policies. */
async function packageWith(policies: string): Promise<string> {
  const file = join(directory, 'release.zip');
  await writeFile(file, zipOf(await policyEntries(policies)));
  return file;
}

async function brokenPolicies(): Promise<string> {
  const broken = join(directory, 'policy');
  await cp(ownPolicies, broken, { recursive: true });
  await writeFile(join(broken, 'broken.cedar'), '@id("broken")\nforbid (principal, action == Action::"execcute", resource);\n');
  return broken;
}

describe('a release with policies that are not sound', () => {
  it('touches nothing and says that the one before stays in force', async () => {
    const { around, calls, lines } = machine();
    expect(await releaseCommand([...target, '--policy', await brokenPolicies()], around)).toBe(1);
    expect(calls).toEqual([]);
    expect(lines.join('\n')).toMatch(/broken\.cedar:2: /);
    expect(lines.at(-1)).toBe(
      'The policies would stop the start. Nothing was uploaded: the release that runs, and its policies, stay in force.',
    );
  });

  it('is refused as a package that somebody made before, too', async () => {
    const { around, calls, lines } = machine();
    const file = await packageWith(await brokenPolicies());
    expect(await releaseCommand([...target, '--package', file], around)).toBe(1);
    expect(calls).toEqual([]);
    expect(lines.at(-1)).toContain('stay in force');
  });

  it('is refused where the policies decide something else than their tests say', async () => {
    const { around, calls, lines } = machine();
    const policies = join(directory, 'policy');
    await cp(ownPolicies, policies, { recursive: true });
    await writeFile(join(policies, 'everything.cedar'), '@id("everything")\npermit (principal, action == Action::"execute", resource);\n');
    expect(await releaseCommand([...target, '--policy', policies, '--package', await packageWith(policies)], around)).toBe(1);
    expect(calls).toEqual([]);
    expect(lines.at(-1)).toBe(
      'The policies do not decide what their tests say. Nothing was uploaded: the release that runs, and its policies, stay in force.',
    );
  });

  it('is asked itself, not the policies that lie here', async () => {
    const { around, calls, lines } = machine();
    const everything = join(directory, 'everything');
    await cp(ownPolicies, everything, { recursive: true });
    await writeFile(
      join(everything, 'everything.cedar'),
      '@id("everything")\npermit (principal, action == Action::"execute", resource);\n',
    );
    expect(await releaseCommand([...target, '--policy', ownPolicies, '--package', await packageWith(everything)], around)).toBe(1);
    expect(calls).toEqual([]);
    expect(lines.at(-1)).toMatch(/^The policies do not decide what their tests say\./);
  });

  it('can be gone back from, though what lies here is broken', async () => {
    const { around, lines } = machine();
    const file = await packageWith(ownPolicies);
    expect(await releaseCommand([...target, '--package', file], around)).toBe(0);
    expect(lines[0]).toBe('Its policies are sound. No questions were put to them: name some with --policy DIR.');
  });
});

describe('a release of what is no package', () => {
  it('touches nothing', async () => {
    const { around, calls, lines } = machine();
    const file = join(directory, 'torn.zip');
    await writeFile(file, (await readFile(await packageWith(ownPolicies))).subarray(0, 500));
    expect(await releaseCommand([...target, '--package', file], around)).toBe(1);
    expect(await releaseCommand([...target, '--package', join(directory, 'nowhere.zip')], around)).toBe(1);
    expect(calls).toEqual([]);
    expect(lines).toEqual([
      'That is no package of Countersign. Nothing was uploaded: the release that runs, and its policies, stay in force.',
      expect.stringMatching(/nowhere\.zip that could be read\. Packages that were released are in .*releases\.$/),
    ]);
  });
});

describe('a release', () => {
  it('goes into the apps one by one, who takes messages first', async () => {
    const { around, calls, lines } = machine();
    const file = await packageWith(ownPolicies);
    expect(await releaseCommand([...target, '--package', file], around)).toBe(0);
    expect(calls.slice(1)).toEqual(
      ['executor', 'approvals', 'edge'].map(
        (role) => `az functionapp deployment source config-zip --resource-group rg-prod --name func-x-${role} --src ${file}`,
      ),
    );
    expect(lines.at(-1)).toContain('npm run doctor');
  });

  it('stops at the first app that does not come up, and says which have the release before', async () => {
    const { around, calls, lines } = machine({ health: (url) => (url.includes('approvals') ? 503 : 200) });
    expect(await releaseCommand([...target, '--package', await packageWith(ownPolicies)], around)).toBe(1);
    expect(calls.filter((call) => call.includes('config-zip')).length).toBe(2);
    expect(lines.at(-1)).toMatch(/^func-x-approvals did not come up .* Still with the release before: func-x-edge\.$/);
  });

  it('does not take one answer for being up: an instance of the release before may have given it', async () => {
    let answers = 0;
    const { around, calls, lines } = machine({
      health: () => {
        answers += 1;
        return answers === 1 ? 200 : 503;
      },
    });
    expect(await releaseCommand([...target, '--package', await packageWith(ownPolicies)], around)).toBe(1);
    expect(calls.filter((call) => call.includes('config-zip')).length).toBe(1);
    expect(lines.at(-1)).toMatch(/^func-x-executor did not come up /);
  });

  it('makes the key that seals what is stored where there is none, and shows it to nobody', async () => {
    const { around, calls, files, lines } = machine({ secrets: [] });
    expect(await releaseCommand([...target, '--package', await packageWith(ownPolicies)], around)).toBe(0);
    const { parameters } = JSON.parse(files[0] ?? '{}');
    expect(Object.keys(parameters)).toEqual(['vaultName', 'value']);
    expect(parameters).toMatchObject({ vaultName: { value: 'kv-x' } });
    expect(calls.filter((call) => call.includes('first-key.bicep'))).toHaveLength(1);
    expect(parameters.value.value).toMatch(/^k\d{4}-\d\d-\d\d:[A-Za-z0-9+/]{43}=$/);
    const said = [...calls, ...lines].join('\n');
    expect(said).not.toContain(parameters.value.value.split(':')[1]);
    expect(said).toContain('func-x-edge/config/configreferences/appsettings/refresh');
    const path = /@(\S+parameters\.json)/.exec(said)?.[1] ?? '';
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it('leaves a key alone that is there', async () => {
    const { around, files } = machine();
    await releaseCommand([...target, '--package', await packageWith(ownPolicies)], around);
    expect(files).toEqual([]);
  });

  it('takes lists as azd keeps them', async () => {
    const { around, calls } = machine();
    const environment = {
      AZURE_SUBSCRIPTION_ID: 'sub-a',
      AZURE_RESOURCE_GROUP: 'rg-a',
      COUNTERSIGN_VAULT: 'kv-a',
      COUNTERSIGN_APPS: '["func-a-all"]',
    };
    expect(await releaseCommand(['--package', await packageWith(ownPolicies)], { ...around, environment })).toBe(0);
    expect(calls[0]).toContain('/subscriptions/sub-a/resourceGroups/rg-a/providers/Microsoft.KeyVault/vaults/kv-a/secrets');
    expect(calls.filter((call) => call.includes('config-zip --subscription sub-a --resource-group rg-a --name func-a-all'))).toHaveLength(
      1,
    );
  });

  it('says what az said where it fails', async () => {
    const { around, lines } = machine({ az: () => ({ exitCode: 1, stdout: '', stderr: 'ERROR: (AuthorizationFailed)' }) });
    expect(await releaseCommand([...target, '--package', await packageWith(ownPolicies)], around)).toBe(1);
    expect(lines.at(-1)).toBe('az rest --method get failed: ERROR: (AuthorizationFailed)');
  });

  it('says which apps have it where one does not take it', async () => {
    const refused = { exitCode: 1, stdout: '', stderr: 'ERROR: Deployment in progress (409)' };
    const { around, lines } = machine({
      az: (args) =>
        args.includes('func-x-approvals') ? refused : { exitCode: 0, stdout: '{"value":[{"name":"sealing-keys"}]}', stderr: '' },
    });
    expect(await releaseCommand([...target, '--package', await packageWith(ownPolicies)], around)).toBe(1);
    expect(lines.at(-1)).toBe(
      'az functionapp deployment source failed: ERROR: Deployment in progress (409)\n' +
        'The new release is in func-x-executor, and not in func-x-approvals. Mend it and release again, or put the release before back.',
    );
  });

  it('asks where it shall go where nobody says', async () => {
    const { around, calls, lines } = machine();
    expect(await releaseCommand([], around)).toBe(2);
    expect(calls).toEqual([]);
    expect(lines[0]).toMatch(/^Which resource group\?/);
  });

  it('says how it is called where it is called wrongly', async () => {
    const { around, calls, lines } = machine();
    expect(await releaseCommand(['--pakage', 'x.zip'], around)).toBe(2);
    expect(calls).toEqual([]);
    expect(lines[0]).toMatch(/^Unknown option '--pakage'[\s\S]*npm run infra:release/);
  });
});

describe('infra:release -- --check', () => {
  const id = '9a0c5d1e-7b43-4c55-9d2b-000000000001';
  const complete = {
    AZURE_ENV_NAME: 'prod',
    AZURE_SUBSCRIPTION_ID: id,
    AZURE_LOCATION: 'westeurope',
    COUNTERSIGN_API_CLIENT_ID: id,
    COUNTERSIGN_API_IDENTIFIER_URI: 'api://countersign',
    COUNTERSIGN_PERSON_CLIENT_IDS: `${id}, ${id}`,
    COUNTERSIGN_AUDIT_CLIENT_ID: id,
    COUNTERSIGN_MANAGED_SUBSCRIPTIONS: id,
    COUNTERSIGN_TEAMS_SERVICE_URLS: 'https://smba.trafficmanager.net/amer/, https://smba.trafficmanager.net/emea/',
    COUNTERSIGN_ALERT_EMAILS: 'ops@example.com',
  };

  /** Policies whose groups are of the tenant that they are deployed to. */
  async function policiesOfTheTenant(): Promise<string> {
    const policies = join(directory, 'policy');
    await cp(ownPolicies, policies, { recursive: true });
    const groups = await readFile(join(policies, 'groups.json'), 'utf8');
    await writeFile(join(policies, 'groups.json'), groups.replaceAll('33333333-3333-4333-8333', '9a0c5d1e-7b43-4c55-9d2b'));
    return policies;
  }

  it('is content where everything is there, and says where cards are posted', async () => {
    const { around, calls, lines } = machine();
    expect(await releaseCommand(['--check', '--policy', await policiesOfTheTenant()], { ...around, environment: complete })).toBe(0);
    expect(calls).toEqual(['az account show none']);
    expect(lines).toEqual(['  Teams: cards are posted at https://smba.trafficmanager.net/amer/.', 'Everything is there.']);
  });

  it('says what follows where nobody is told of alerts, and cards are posted where main.bicepparam says', async () => {
    const { around, lines } = machine();
    const environment = { ...complete, COUNTERSIGN_ALERT_EMAILS: ' , ', COUNTERSIGN_TEAMS_SERVICE_URLS: undefined };
    expect(await releaseCommand(['--check', '--policy', await policiesOfTheTenant()], { ...around, environment })).toBe(0);
    expect(lines).toEqual([
      '! COUNTERSIGN_ALERT_EMAILS is empty: nobody is told of alerts, they stand in the portal alone.',
      '  Teams: cards are posted at https://smba.trafficmanager.net/emea/ (COUNTERSIGN_TEAMS_SERVICE_URLS is not set; README, "The region of Teams", has the other addresses).',
      'Everything is there.',
    ]);
    expect(await readFile(join(azureDirectory, 'main.bicepparam'), 'utf8')).toContain(
      "readEnvironmentVariable('COUNTERSIGN_TEAMS_SERVICE_URLS', 'https://smba.trafficmanager.net/emea/')",
    );
  });

  it.each(['emea', 'http://smba.trafficmanager.net/emea/', 'https://smba.trafficmanager.net/emea/,'])(
    'does not take %s for addresses of Teams',
    async (addresses) => {
      const { around, lines } = machine();
      const environment = { ...complete, COUNTERSIGN_TEAMS_SERVICE_URLS: addresses };
      expect(await releaseCommand(['--check', '--policy', await policiesOfTheTenant()], { ...around, environment })).toBe(1);
      expect(lines[0]).toBe(`✗ COUNTERSIGN_TEAMS_SERVICE_URLS is ${addresses}, which is not addresses in https, with commas between.`);
    },
  );

  it('does not have a granter deployed that could not give what the policies let operations have', async () => {
    const { around, lines } = machine();
    const policies = join(directory, 'policy');
    await cp(ownPolicies, policies, { recursive: true });
    const file = join(policies, 'grantable-roles.json');
    const { Contributor: _, ...others }: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify(others));
    expect(await releaseCommand(['--check', '--policy', policies], around)).toBe(1);
    expect(lines).toContain(
      '✗ infra/azure/constants.json is not what the code and grantable-roles.json have: npm run infra:constants, then npm test.',
    );
  });

  it('lists everything that is missing, with its remedy', async () => {
    const { around, lines } = machine({ az: () => undefined });
    const environment = { AZURE_ENV_NAME: 'prod', COUNTERSIGN_API_CLIENT_ID: 'prod', COUNTERSIGN_MANAGED_SUBSCRIPTIONS: ',' };
    expect(await releaseCommand(['--check'], { ...around, environment })).toBe(1);
    expect(lines).toEqual([
      '✗ AZURE_SUBSCRIPTION_ID is missing: the id of the subscription of Countersign: azd env set AZURE_SUBSCRIPTION_ID ID.',
      '✗ AZURE_LOCATION is missing: a region that has Flex Consumption: azd env set AZURE_LOCATION westeurope.',
      '✗ COUNTERSIGN_API_CLIENT_ID is prod, which is not an output of entra.bicep (README, "Before you begin", step 4).',
      '✗ COUNTERSIGN_API_IDENTIFIER_URI is missing: an output of entra.bicep (README, "Before you begin", step 4).',
      '✗ COUNTERSIGN_PERSON_CLIENT_IDS is missing: an output of entra.bicep (README, "Before you begin", step 4).',
      '✗ COUNTERSIGN_AUDIT_CLIENT_ID is missing: an output of entra.bicep (README, "Before you begin", step 4).',
      '✗ COUNTERSIGN_MANAGED_SUBSCRIPTIONS is ,, which is not ids of the subscriptions in which agents may act, with commas between.',
      '✗ groups.json: approvers is the group of the examples, which nobody in your tenant is in: write the object id of yours.',
      '✗ groups.json: auditors is the group of the examples, which nobody in your tenant is in: write the object id of yours.',
      '✗ There is no az: install Azure CLI.',
      '! COUNTERSIGN_ALERT_EMAILS is empty: nobody is told of alerts, they stand in the portal alone.',
      expect.stringMatching(/^ {2}Teams: cards are posted at /),
      'Nothing was changed.',
    ]);
  });
});
