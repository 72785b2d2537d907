import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readEndpoints } from '../local/endpoints.ts';
import { type Deployment, parseDeployment } from './deployment.ts';
import { expectedVersions } from './expected-versions.ts';
import { localDeployment } from './local-deployment.ts';
import { runDoctor } from './run-doctor.ts';
import { findingsAsJson, showFindings } from './show-findings.ts';
import type { Tokens } from './site.ts';
import { localTokens, operatorTokens, tokenVariable } from './tokens.ts';

const help = `Looks at a deployment from outside, with your own rights, and says what is wrong with it and what to do. It changes nothing.

  npm run doctor                               the environment that npm start runs
  npm run doctor -- --directory DIR            the one that keeps its data there
  npm run doctor -- --deployment FILE          the deployment in Azure that FILE describes
  npm run doctor -- --policy DIR               expects the policies of that directory; infra/policy unless it is said
  npm run doctor -- --json                     the findings as JSON

FILE is the output COUNTERSIGN_DEPLOYMENT of the deployment; infra/doctor/README.md tells what is in it and which rights you need. In Azure you are who is signed
in to Azure CLI; for the API you are asked to sign in, or bring a token in ${tokenVariable}.

Ends with 0 where all is good, 1 where something is wrong or could not be looked at, 2 where there is nothing to look at.
`;

/** The bot's refusal is what the check `bot` looks for; whoever sees it in the log of npm start should know whose question it was. */
const askedOnThisMachine =
  'The check bot asks without a token, so npm start prints "An activity was refused." (missingToken), which is the right answer.\n';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Subject = { readonly deployment: Deployment; readonly tokens: Tokens };

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      directory: { type: 'string' },
      deployment: { type: 'string' },
      policy: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const { deployment, tokens } =
    values.deployment === undefined
      ? await onThisMachine(resolve(values.directory ?? join(root, '.local')))
      : await inAzure(values.deployment);
  const expected = await expectedVersions(resolve(values.policy ?? join(root, 'infra/policy')), deployment.protectedScopes);
  const findings = await runDoctor({ deployment, tokens, expected, fetch, nowMs: Date.now });
  if (values.deployment === undefined && !values.json) console.log(askedOnThisMachine);
  console.log(values.json ? findingsAsJson(findings) : showFindings(findings));
  return findings.every(({ state }) => state === 'good') ? 0 : 1;
}

async function onThisMachine(directory: string): Promise<Subject> {
  const endpoints = readEndpoints(directory);
  if (endpoints === undefined)
    throw new Error(`Nothing runs in ${directory}. Start it with npm start, or name a deployment in Azure with --deployment.`);
  const authority = await readFile(endpoints.certificateAuthority, 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), authority]);
  return { deployment: localDeployment(endpoints), tokens: localTokens(endpoints) };
}

async function inAzure(file: string): Promise<Subject> {
  const deployment = parseDeployment(await readFile(resolve(file), 'utf8'));
  return { deployment, tokens: operatorTokens(deployment, process.env[tokenVariable], (line) => console.error(line)) };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(isUsage ? `${error.message}\n\n${help}` : error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
