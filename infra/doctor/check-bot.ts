import { z } from 'zod';
import { readAzure } from './azure-reading.ts';
import { appOf } from './deployment.ts';
import { type Finding, saying } from './finding.ts';
import { ask, type Site, told } from './site.ts';

const { good, wrong, unknown } = saying('bot');

const botShape = z.object({ properties: z.object({ endpoint: z.string(), disableLocalAuth: z.boolean().optional() }) });

/** Whether the endpoint of the bot is there and refuses strangers, and whether Azure Bot sends to it. */
export async function checkBot(site: Site): Promise<readonly Finding[]> {
  const app = appOf(site.deployment, 'approvals');
  if (app === undefined)
    return [unknown('endpoint', 'the description names no app for approvals', 'Add the app of the role approvals to the description.')];
  const endpoint = `${app.url}/api/messages`;
  const answer = await ask(site, endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"type":"message"}' });
  return [endpointOf(endpoint, answer), ...(await registrationOf(site, endpoint))];
}

function endpointOf(endpoint: string, answer: Awaited<ReturnType<typeof ask>>): Finding {
  if (answer.kind === 'answered' && answer.status === 401) return good('endpoint', `${endpoint} refuses who has no token`);
  if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) {
    return wrong(
      'endpoint',
      `${endpoint} took a message without a token`,
      'Stop the app: what runs there lets anybody vote. Deploy the package again, and compare its SHA-256.',
    );
  }
  return wrong(
    'endpoint',
    `${endpoint} ${told(answer)}`,
    'Look whether the app of approvals runs with COUNTERSIGN_ROLE approvals and has the function teams-messages; without it no card takes a vote.',
  );
}

async function registrationOf(site: Site, endpoint: string): Promise<readonly Finding[]> {
  const { bot } = site.deployment;
  if (bot === undefined) return [];
  const read = await readAzure(site, bot, '2022-09-15', botShape);
  if (read.kind === 'unread') return [unknown('registration', read.detail, read.remedy)];
  const [found] = read.items;
  if (found === undefined) return [wrong('registration', 'there is no Azure Bot', 'Deploy again: infra/azure makes it.')];
  if (found.properties.endpoint !== endpoint)
    return [wrong('registration', `sends to ${found.properties.endpoint}`, `Set the messaging endpoint of the Azure Bot to ${endpoint}.`)];
  return found.properties.disableLocalAuth === true
    ? [good('registration', `sends to ${endpoint}`)]
    : [wrong('registration', 'can be spoken to with keys of its channels', 'Deploy again: infra/azure turns local authentication off.')];
}
