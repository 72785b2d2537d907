import { fileURLToPath } from 'node:url';
import { type Deployment, deploy } from '../../support/bicep/bicep-deployment.ts';
import { type BicepSyntax, loadBicepParser } from '../../support/bicep/bicep-syntax.ts';
import type { BicepObject } from '../../support/bicep/bicep-value.ts';

export const azureDirectory = fileURLToPath(new URL('../../../infra/azure', import.meta.url));

export const tenantId = '11111111-1111-4111-8111-111111111111';
/** Where Countersign lies. */
export const homeSubscription = '00000000-0000-4000-8000-00000000000a';
/** Where agents act. */
export const managedSubscription = '00000000-0000-4000-8000-00000000000b';

/** What must be given. */
export const given: BicepObject = {
  environmentName: 'prod',
  location: 'westeurope',
  apiClientId: '22222222-2222-4222-8222-222222222222',
  apiIdentifierUri: `api://${tenantId}/countersign`,
  personClientIds: ['66666666-6666-4666-8666-000000000001'],
  auditClientId: '66666666-6666-4666-8666-000000000002',
  managedSubscriptionIds: [managedSubscription],
  teamsServiceUrls: ['https://smba.trafficmanager.net/emea/'],
};

const parseAnew = await loadBicepParser();
const parsed = new Map<string, BicepSyntax>();

/** Most files are read in each deployment, some many times. */
function parse(text: string): BicepSyntax {
  const syntax = parsed.get(text) ?? parseAnew(text);
  parsed.set(text, syntax);
  return syntax;
}

const known = new Map<string, Deployment>();

/** What `az deployment sub create` would send for main.bicep with these parameters beside the ones that must be given; told once for the same parameters. */
export function deployed(parameters: BicepObject = {}): Deployment {
  const key = JSON.stringify(parameters);
  const deployment = known.get(key) ?? deployFile('main.bicep', { ...given, ...parameters });
  known.set(key, deployment);
  return deployment;
}

/** The same for another file, deployed to the subscription. */
export function deployFile(name: string, parameters: BicepObject): Deployment {
  return deploy({
    file: `${azureDirectory}/${name}`,
    parse,
    place: { tenantId, subscriptionId: homeSubscription, resourceGroup: undefined },
    parameters,
  });
}

/** Every way in which it can be deployed. */
export const variants = [
  { layout: 'separate', network: 'public' },
  { layout: 'separate', network: 'private' },
  { layout: 'single', network: 'public' },
  { layout: 'single', network: 'private' },
] as const;
