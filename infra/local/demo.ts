import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoClient, makeDemoClient } from './demo-client.ts';
import { type Endpoints, findRunning } from './endpoints.ts';
import { readArguments } from './read-arguments.ts';
import { subscriptionId } from './seed.ts';

const help = `Plays the story of Countersign: a read, a delete in production with its approval, a forbidden request, a repeat, a secret
that is used unseen, the evidence.

  npm run demo                        against the environment that npm start runs, or against one of its own
  npm run demo -- --directory DIR     against the one that keeps its data there
`;

const productionGroup = `/subscriptions/${subscriptionId}/resourceGroups/rg-prod`;
const developmentGroup = `/subscriptions/${subscriptionId}/resourceGroups/rg-dev`;
const storageVersion = '2024-01-01';

/** Tells what happens as it happens: one heading a chapter, one line a step. */
function say(line = ''): void {
  console.log(line);
}

function chapter(number: number, title: string): void {
  say(`\n━━ ${number}. ${title} ${'━'.repeat(Math.max(0, 76 - title.length))}`);
}

async function playStory(endpoints: Endpoints): Promise<void> {
  const client = makeDemoClient(endpoints);
  const target = `${productionGroup}/providers/Microsoft.Storage/storageAccounts/stdemo${Date.now().toString(36)}`;
  await readSomething(client);
  await makeSomethingToDelete(client, target);
  const deleted = await deleteInProduction(client, target, endpoints);
  const denied = await askForTheForbidden(client);
  await askAgain(client, target, deleted);
  const used = await useASecretUnseen(client, endpoints);
  await readTheEvidence(client, { deleted, denied, used });
  say('\nThat is all of it: asked, understood, countersigned, run once, recorded. Look around:');
  say(`  ${endpoints.teams}   the approvers' conversation with the cards`);
  say(`  ${endpoints.api}/operations/${deleted}   this operation (npm run --silent token -- auditor prints a token)`);
}

async function readSomething(client: DemoClient): Promise<void> {
  chapter(1, 'An agent reads: nobody needs to be asked');
  const operation = await client.submit({
    method: 'GET',
    path: `${productionGroup}/providers/Microsoft.Storage/storageAccounts`,
    apiVersion: storageVersion,
    justification: 'Take stock of the storage accounts in production',
  });
  say(`  deploy-agent  GET the storage accounts of rg-prod`);
  say(`  Countersign   risk ${operation.risk}, ${operation.outcome}: ${operation.status}, Azure answered ${operation.resultStatus}`);
  client.expect(operation, 'succeeded');
}

async function makeSomethingToDelete(client: DemoClient, target: string): Promise<void> {
  chapter(2, 'A write in production waits for one person');
  const waiting = await client.submit({
    method: 'PUT',
    path: target,
    apiVersion: storageVersion,
    body: { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } },
    justification: 'A scratch account for the migration of tonight',
  });
  say(`  deploy-agent  PUT ${nameOf(target)} in rg-prod`);
  say(`  Countersign   risk ${waiting.risk}, ${waiting.outcome}: it waits`);
  const done = await client.approve(waiting.id, 'approver-1', 'Known migration');
  say(`  approver-1    approves: ${done.status}, Azure answered ${done.resultStatus}`);
  client.expect(done, 'succeeded');
}

async function deleteInProduction(client: DemoClient, target: string, endpoints: Endpoints): Promise<string> {
  chapter(3, 'A delete in production waits, is approved, and runs');
  const waiting = await client.submit({
    method: 'DELETE',
    path: target,
    apiVersion: storageVersion,
    justification: 'The migration is done and the scratch account is no longer needed',
    repeatabilityId: `demo-${nameOf(target)}`,
  });
  say(`  deploy-agent  DELETE ${nameOf(target)} in rg-prod`);
  say(`  Countersign   risk ${waiting.risk}, ${waiting.outcome}: it waits. Nothing has been sent to Azure.`);
  const card = await client.awaitCard(waiting.id);
  say(`  Teams         a card hangs in the approvers' conversation: ${endpoints.teams}`);
  for (const line of card) say(`                │ ${line}`);
  const done = await client.approve(waiting.id, 'approver-2', 'Checked with the team');
  say(`  approver-2    approves exactly that digest: ${done.status}, Azure answered ${done.resultStatus}`);
  client.expect(done, 'succeeded');
  const gone = await client.submit({ method: 'GET', path: target, apiVersion: storageVersion, justification: 'See that it is gone' });
  say(`  deploy-agent  GET it again: Azure answers ${gone.resultStatus}`);
  if (gone.resultStatus !== 404) throw new Error('the storage account is still there');
  return done.id;
}

async function askForTheForbidden(client: DemoClient): Promise<string> {
  chapter(4, 'A forbidden request is an answer, not an error');
  const denied = await client.submit({
    method: 'DELETE',
    path: `${productionGroup}/providers/Microsoft.Sql/servers/sql-prod-1`,
    apiVersion: '2023-08-01',
    justification: 'Save money',
  });
  say('  deploy-agent  DELETE the production database server');
  say(`  Countersign   ${denied.status}, next: "${denied.next}". ${denied.reasons.join(' ')}`);
  client.expect(denied, 'denied');
  return denied.id;
}

async function askAgain(client: DemoClient, target: string, first: string): Promise<void> {
  chapter(5, 'The same request again has no second effect');
  const request = {
    method: 'DELETE',
    path: target,
    apiVersion: storageVersion,
    justification: 'The migration is done and the scratch account is no longer needed',
    repeatabilityId: `demo-${nameOf(target)}`,
  };
  const again = await client.submit(request);
  say(`  deploy-agent  sends the DELETE of chapter 3 once more, with its Repeatability-Request-ID`);
  say(
    `  Countersign   ${again.id === first ? 'the same operation' : 'ANOTHER operation'}, ${again.status}: its outcome is handed out, nothing runs`,
  );
  if (again.id !== first) throw new Error('a repeated request made a second operation');
  const conflict = await client.submitForStatus({ ...request, justification: 'Something else' });
  say(`  deploy-agent  the same id for another request: ${conflict}`);
  if (conflict !== 409) throw new Error('another request under the same id was taken');
}

async function useASecretUnseen(client: DemoClient, endpoints: Endpoints): Promise<string> {
  chapter(6, 'A secret is used, and nobody sees it');
  const server = `${developmentGroup}/providers/Microsoft.Sql/servers/sqldemo${Date.now().toString(36)}`;
  const reference = `countersign://secret/${new URL(endpoints.vaults.dev).host}/database-password`;
  const waiting = await client.submit({
    method: 'PUT',
    path: server,
    apiVersion: '2023-08-01',
    body: { location: 'westeurope', properties: { administratorLogin: 'demo', administratorLoginPassword: reference } },
    justification: 'A database server whose password lies in the vault',
  });
  say(`  deploy-agent  PUT ${nameOf(server)}, its password named by a reference:`);
  say(`                ${reference}`);
  say(`  Countersign   risk ${waiting.risk}, ${waiting.outcome}: it waits, and has not read the secret`);
  const done = await client.approve(waiting.id, 'approver-1', 'The right vault');
  say(`  approver-1    approves what names the secret and does not hold it: ${done.status}, Azure answered ${done.resultStatus}`);
  client.expect(done, 'succeeded');
  say('  Azure         has the password that Key Vault keeps; request, card, events and result have the reference');
  return done.id;
}

async function readTheEvidence(
  client: DemoClient,
  { deleted, denied, used }: Record<'deleted' | 'denied' | 'used', string>,
): Promise<void> {
  chapter(7, 'The evidence: each event is chained to the one before');
  for (const [title, id] of [
    ['the delete', deleted],
    ['the forbidden request', denied],
    ['the use of the secret', used],
  ] as const) {
    say(`  ${title} (${id})`);
    for (const line of await client.readEvidence(id)) say(`    ${line}`);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function main(args: readonly string[]): Promise<number> {
  const { directory, flags, rest, problem } = readArguments(args, ['help']);
  if (flags.has('help')) {
    console.log(help);
    return 0;
  }
  if (problem !== undefined || rest.length > 0) {
    console.error(`${problem ?? `"${rest[0]}" is not an option.`}\n\n${help}`);
    return 2;
  }
  const running = await findRunning(directory);
  if (running !== undefined) {
    await playStory(running);
    return 0;
  }
  say('No environment runs (npm start), so the demo brings up its own. It takes a moment.\n');
  const own = await mkdtemp(join(tmpdir(), 'countersign-demo-'));
  try {
    // Loaded only where it is needed, as it is most of what there is to load.
    const { startEnvironment } = await import('./environment.ts');
    const environment = await startEnvironment({
      directory: own,
      ports: 'free',
      rights: 'perOperation',
      onProgress: (part) => say(`  ✓ ${part}`),
    });
    try {
      await playStory(environment.endpoints);
    } finally {
      await environment.stop();
    }
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
