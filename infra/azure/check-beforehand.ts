import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { groupsFile } from '../../shared/adapters/policy-files/load-registers.ts';
import { groups as exampleGroups } from '../local/seed.ts';
import { checkPolicyFiles } from '../policy-tools/check-policies.ts';
import { problemText } from '../policy-tools/policy-problem.ts';
import type { RunProgram } from './run-program.ts';
import { constantsFile, constantsText } from './write-constants.ts';

type Here = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly run: RunProgram;
  readonly write: (line: string) => void;
};

type Needed = {
  readonly name: string;
  /** Where it comes from. */
  readonly remedy: string;
  readonly isSound?: (value: string) => boolean;
};

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isGuid = (text: string) => guid.test(text);
const areGuids = (text: string) => text.split(',').every((one) => guid.test(one.trim()));
const ofEntra = 'an output of entra.bicep (README, "Before you begin", step 4)';

/** What a deployment is told, and main.bicepparam has no value for by itself. */
const needed: readonly Needed[] = [
  { name: 'AZURE_ENV_NAME', remedy: 'a name for this deployment: azd env new NAME' },
  {
    name: 'AZURE_SUBSCRIPTION_ID',
    remedy: 'the id of the subscription of Countersign: azd env set AZURE_SUBSCRIPTION_ID ID',
    isSound: isGuid,
  },
  { name: 'AZURE_LOCATION', remedy: 'a region that has Flex Consumption: azd env set AZURE_LOCATION westeurope' },
  { name: 'COUNTERSIGN_API_CLIENT_ID', remedy: ofEntra, isSound: isGuid },
  { name: 'COUNTERSIGN_API_IDENTIFIER_URI', remedy: ofEntra, isSound: (text) => text.startsWith('api://') },
  { name: 'COUNTERSIGN_PERSON_CLIENT_IDS', remedy: ofEntra, isSound: areGuids },
  { name: 'COUNTERSIGN_AUDIT_CLIENT_ID', remedy: ofEntra, isSound: isGuid },
  {
    name: 'COUNTERSIGN_MANAGED_SUBSCRIPTIONS',
    remedy: 'ids of the subscriptions in which agents may act, with commas between',
    isSound: areGuids,
  },
];

/** What main.bicepparam has where nobody says where cards are posted. */
const usualTeamsUrl = 'https://smba.trafficmanager.net/emea/';

const areHttps = (text: string) => text.split(',').every((one) => /^https:\/\/[^\s/]+(?:\/\S*)?$/.test(one.trim()));

/** What may be left out, and what follows then. */
function optionalSettings(environment: Here['environment']): { readonly faults: readonly string[]; readonly notes: readonly string[] } {
  const teamsUrls = (environment['COUNTERSIGN_TEAMS_SERVICE_URLS'] ?? '').trim();
  const isUsual = teamsUrls === '';
  const isTold = (environment['COUNTERSIGN_ALERT_EMAILS'] ?? '').split(',').some((address) => address.trim() !== '');
  const unset = 'COUNTERSIGN_TEAMS_SERVICE_URLS is not set; README, "The region of Teams", has the other addresses';
  return {
    faults:
      isUsual || areHttps(teamsUrls)
        ? []
        : [`COUNTERSIGN_TEAMS_SERVICE_URLS is ${teamsUrls}, which is not addresses in https, with commas between.`],
    notes: [
      ...(isTold ? [] : ['! COUNTERSIGN_ALERT_EMAILS is empty: nobody is told of alerts, they stand in the portal alone.']),
      `  Teams: cards are posted at ${isUsual ? `${usualTeamsUrl} (${unset})` : teamsUrls.split(',')[0]?.trim()}.`,
    ],
  };
}

/** `infra:release -- --check`: says what a deployment would stumble on, each with its remedy, and changes nothing. Answers with the exit code. */
export async function checkBeforehand({ environment, run, write }: Here, policy: string): Promise<number> {
  const faults = needed.flatMap(({ name, remedy, isSound = () => true }) => {
    const value = (environment[name] ?? '').trim();
    if (value === '') return [`${name} is missing: ${remedy}.`];
    return isSound(value) ? [] : [`${name} is ${value}, which is not ${remedy}.`];
  });
  const problems = (await checkPolicyFiles(policy)).map(problemText);
  const strange = problems.length > 0 ? [] : [...(await groupsOfExamples(policy)), ...(await constantsOfOthers(policy))];
  const account = await run('az', ['account', 'show', '--output', 'none']);
  const signedOut = account === undefined ? ['There is no az: install Azure CLI.'] : ['az is not signed in: az login.'];
  const optional = optionalSettings(environment);
  const all = [...faults, ...optional.faults, ...problems, ...strange, ...(account?.exitCode === 0 ? [] : signedOut)];
  for (const fault of all) write(`✗ ${fault}`);
  for (const note of optional.notes) write(note);
  write(all.length === 0 ? 'Everything is there.' : 'Nothing was changed.');
  return all.length === 0 ? 0 : 1;
}

const groupsShape = z.record(z.string(), z.looseObject({ id: z.string() }));

/** Groups that are still those of this machine's directory: nobody could approve or read anything in a tenant. */
async function groupsOfExamples(policy: string): Promise<readonly string[]> {
  const examples: readonly string[] = Object.values(exampleGroups);
  const groups = groupsShape.parse(JSON.parse(await readFile(join(policy, groupsFile), 'utf8')));
  const left = Object.entries(groups).filter(([, { id }]) => examples.includes(id.toLowerCase()));
  return left.map(
    ([name]) => `${groupsFile}: ${name} is the group of the examples, which nobody in your tenant is in: write the object id of yours.`,
  );
}

/** The condition of the granter is made of the roles that policies may give: what it does not name, no operation would get. */
async function constantsOfOthers(policy: string): Promise<readonly string[]> {
  if ((await constantsText(policy)) === (await readFile(constantsFile, 'utf8'))) return [];
  return ['infra/azure/constants.json is not what the code and grantable-roles.json have: npm run infra:constants, then npm test.'];
}
