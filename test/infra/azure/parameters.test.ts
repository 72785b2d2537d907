import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assignedTo, evaluate, nameOf } from '../../support/bicep/bicep-evaluation.ts';
import { bicepFunctions } from '../../support/bicep/bicep-functions.ts';
import { loadBicepParser, partsOf } from '../../support/bicep/bicep-syntax.ts';
import { asText, type BicepObject } from '../../support/bicep/bicep-value.ts';
import { azureDirectory, deployed, deployFile, given, homeSubscription, tenantId, variants } from './deployed.ts';

describe('parameters that are wrong', () => {
  it.each([
    ['a missing one', { personClientIds: [] }, 'personClientIds must have 1 at least'],
    [
      'more vaults than health asks after',
      { watchedVaults: Array.from({ length: 21 }, (_, i) => `kv-${i}`) },
      'watchedVaults must have 20 at most',
    ],
    ['no subscription for agents', { managedSubscriptionIds: [] }, 'managedSubscriptionIds must have 1 at least'],
    ['an unknown layout', { layout: 'double' }, "layout must be one of 'separate' | 'single'"],
    ['an unknown network', { network: 'secret' }, "network must be one of 'public' | 'private'"],
    ['a text for a number', { softDeleteDays: '30' }, 'softDeleteDays must be int'],
    ['an answer of the directory that is too old', { directoryMaxAgeSeconds: 61 }, 'directoryMaxAgeSeconds must be 60 at most'],
    ['a kind of data that nobody masks', { maskedPersonalData: ['shoeSize'] }, 'maskedPersonalData must be one of'],
    ['a client id that is none', { apiClientId: 'countersign' }, 'apiClientId must have 36 at least'],
    ['rights that there are not', { rights: 'all' }, 'rights must be one of perOperation, standing'],
    ['a name that is too long', { environmentName: 'x'.repeat(41) }, 'environmentName must have 40 at most'],
    ['one that there is not', { enviromentName: 'prod' }, 'there is no parameter enviromentName'],
  ])('are refused before anything is made: %s', (_, wrong: BicepObject, message) => {
    expect(() => deployed(wrong)).toThrow(message);
  });

  it('are refused where one is missing', () => {
    expect(() => deployFile('main.bicep', {})).toThrow('environmentName is missing');
  });
});

describe('names', () => {
  it.each(variants)('fit what Azure takes, however long the name of the environment: $layout, $network', (variant) => {
    const { resources } = deployed({ ...variant, environmentName: 'a-very-long-name-for-an-environment-1234' });
    const limits: readonly [RegExp, RegExp][] = [
      [/^Microsoft\.Storage\/storageAccounts@/, /^[a-z0-9]{3,24}$/],
      [/^Microsoft\.KeyVault\/vaults@/, /^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/],
      [/^Microsoft\.ServiceBus\/namespaces@/, /^[a-z][a-z0-9-]{4,48}[a-z0-9]$/],
      [/^Microsoft\.Web\/sites@/, /^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$/],
      [/^Microsoft\.BotService\/botServices@/, /^[a-z0-9][a-z0-9_-]{1,63}$/],
      [/^Microsoft\.ManagedIdentity\//, /^[a-z0-9][a-z0-9_-]{2,127}$/],
      [/^Microsoft\.Resources\/resourceGroups@/, /^[\w().-]{1,89}[\w()-]$/],
    ];
    for (const [type, shape] of limits) {
      const names = resources.filter((resource) => type.test(resource.type)).map(({ body }) => asText(body['name']));
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !shape.test(name))).toEqual([]);
    }
  });

  it('are the same each time, so that a second deployment changes nothing', () => {
    expect(deployFile('main.bicep', given)).toEqual(deployFile('main.bicep', given));
  });

  it('are others for another environment or region', () => {
    const vaultOf = (parameters: BicepObject) => asText(deployed(parameters).outputs['COUNTERSIGN_VAULT']);
    expect(new Set([vaultOf({}), vaultOf({ environmentName: 'test' }), vaultOf({ location: 'northeurope' })]).size).toBe(3);
  });
});

describe('main.bicepparam', () => {
  const needed = {
    AZURE_ENV_NAME: 'prod',
    AZURE_LOCATION: 'westeurope',
    COUNTERSIGN_API_CLIENT_ID: '22222222-2222-4222-8222-222222222222',
    COUNTERSIGN_API_IDENTIFIER_URI: 'api://countersign',
    COUNTERSIGN_PERSON_CLIENT_IDS: '66666666-6666-4666-8666-000000000001',
    COUNTERSIGN_AUDIT_CLIENT_ID: '66666666-6666-4666-8666-000000000002',
    COUNTERSIGN_MANAGED_SUBSCRIPTIONS: '00000000-0000-4000-8000-00000000000b, 00000000-0000-4000-8000-00000000000c,',
  };

  async function parametersFrom(environment: Readonly<Record<string, string>>): Promise<BicepObject> {
    const file = `${azureDirectory}/main.bicepparam`;
    const syntax = (await loadBicepParser())(readFileSync(file, 'utf8'));
    const functions = bicepFunctions(file, { tenantId, subscriptionId: homeSubscription, resourceGroup: undefined }, environment);
    const names = {
      valueOf: (name: string) => {
        throw new Error(`there is no ${name}`);
      },
      functionOf: (name: string) => functions.get(name) ?? names.valueOf(name),
    };
    const declared = partsOf(syntax.root).filter(({ type }) => type === 'variable_declaration');
    return Object.fromEntries(declared.map((node) => [nameOf(syntax, node), evaluate(syntax, assignedTo(node) ?? node, names)]));
  }

  it('gives everything that the template needs, and nothing that it does not know', async () => {
    const parameters = await parametersFrom(needed);
    expect(parameters['managedSubscriptionIds']).toEqual(['00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-00000000000c']);
    expect(parameters['alertEmails']).toEqual([]);
    expect(deployFile('main.bicep', parameters).resources.length).toBeGreaterThan(100);
  });

  it('leaves out only what the README tells how to add', async () => {
    const syntax = (await loadBicepParser())(readFileSync(`${azureDirectory}/main.bicep`, 'utf8'));
    const taken = partsOf(syntax.root)
      .filter(({ type }) => type === 'parameter_declaration')
      .map((node) => nameOf(syntax, node));
    const given = Object.keys(await parametersFrom(needed));
    const [, section = ''] = readFileSync(`${azureDirectory}/README.md`, 'utf8').split('## What else can be set');
    const told = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, names = '']) =>
      names.replaceAll('`', '').split(', '),
    );
    expect(told.toSorted()).toEqual(taken.filter((name) => !given.includes(name)).toSorted());
  });

  it('names nobody where only commas are given, which the template refuses', async () => {
    const parameters = await parametersFrom({ ...needed, COUNTERSIGN_MANAGED_SUBSCRIPTIONS: ',' });
    expect(() => deployFile('main.bicep', parameters)).toThrow('managedSubscriptionIds must have 1 at least');
  });

  it.each(Object.keys(needed))('says that %s is missing', async (name) => {
    const { [name as keyof typeof needed]: _, ...others } = needed;
    await expect(parametersFrom(others)).rejects.toThrow(name);
  });
});
