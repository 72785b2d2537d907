import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../shared/domain/json.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import type { SecretProperties } from '../../shared/domain/secrets/secret-state.ts';
import type { Submission } from '../../shared/use-cases/submit-operation.ts';
import { agentCaller, anna, deployAgent, personCaller } from '../support/cast.ts';
import { lastMessage, operationOf, readAccount, resourceGroup, storedOf, subscription, voteFor, voterOf } from '../support/scenarios.ts';
import { deny } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

const vault = 'https://kv-shop.vault.azure.net';
const vaultId = `${resourceGroup}/providers/Microsoft.KeyVault/vaults/kv-shop`;
const reference = 'countersign://secret/kv-shop.vault.azure.net/db-password';
const planted = 'planted "7c1e"\ncorrect horse / battery & stäple';
const agent = agentCaller(deployAgent);
const settings = `${resourceGroup}/providers/Microsoft.Web/sites/web-shop/config/appsettings`;

function vaultWorld(properties: Partial<SecretProperties> = {}): World {
  const world = makeWorld();
  world.azure.set('/subscriptions', { value: [{ subscriptionId: '00000000-0000-4000-8000-000000000001' }] });
  world.azure.set(`${subscription}/resources`, { value: [{ id: vaultId, name: 'kv-shop' }] });
  world.azure.set(vaultId, { id: vaultId, tags: { environment: 'prod' }, properties: { vaultUri: `${vault}/` } });
  world.azure.set(resourceGroup, { tags: { environment: 'prod' } });
  world.azure.set(subscription, { tags: {} });
  world.keyVault.put(vault, 'db-password', planted, properties);
  return world;
}

function write(body: JsonValue, path = settings): Submission {
  return readAccount({ target: { method: 'PUT', path, apiVersion: '2023-12-01', body } });
}

const withPassword = write({ properties: { DB_PASSWORD: reference, DB_HOST: 'db-1' } });

async function approved(world: World, submission: Submission = withPassword): Promise<OperationId> {
  const { id } = await world.submit(agent, submission);
  await world.requestApproval(lastMessage(world, 'requestApproval'));
  await world.recordVote(voterOf(anna), await voteFor(world, id));
  return id;
}

async function keptOf(world: World, id: OperationId): Promise<string> {
  const { events } = await storedOf(world, id);
  const documents = await Promise.all((['request', 'result', 'preview'] as const).map((name) => world.store.readDocument(id, name)));
  return JSON.stringify({ events, documents, shown: world.channel.shown, log: world.log });
}

const parts = ['7c1e', 'correct horse'];

function expectUntold(text: string): void {
  for (const part of parts) expect(text).not.toContain(part);
}

describe('a reference', () => {
  it.each<[string, Submission]>([
    ['within a longer text', write({ properties: { CONNECTION: `Server=db;Password=${reference}` } })],
    ['as a name', write({ properties: { [reference]: 'x' } })],
    ['to no vault of this cloud', write({ properties: { A: 'countersign://secret/evil.example/db-password' } })],
    ['to a host below a vault', write({ properties: { A: 'countersign://secret/a.kv-shop.vault.azure.net/db-password' } })],
    ['to a port', write({ properties: { A: 'countersign://secret/kv-shop.vault.azure.net:444/db-password' } })],
    ['to somebody at a vault', write({ properties: { A: 'countersign://secret/evil@kv-shop.vault.azure.net/db-password' } })],
    ['without a name', write({ properties: { A: 'countersign://secret/kv-shop.vault.azure.net' } })],
    ['with a path out of it', write({ properties: { A: `${reference}/../other` } })],
    ['of a kind that nobody knows', write({ properties: { A: 'countersign://key/kv-shop.vault.azure.net/k' } })],
    ['in another case, within a longer text', write({ properties: { A: `x COUNTERSIGN://secret/kv-shop.vault.azure.net/a` } })],
    ['in the query', readAccount({ target: { query: { $filter: reference } } })],
    ['too often', write(Array.from({ length: 21 }, () => reference))],
  ])('is refused %s, and nothing is asked of anybody', async (_, submission) => {
    const world = vaultWorld();
    await expect(world.submit(agent, submission)).rejects.toMatchObject({ code: 'InvalidRequest' });
    expect([world.azure.reads, world.keyVault.valuesRead]).toEqual([[], []]);
  });

  it('to a vault that the agent may not use is denied at submission, with the vault asked about as for its value', async () => {
    const world = vaultWorld();
    const { decide } = world.policies;
    Object.assign(world.policies, {
      decide: (question: Parameters<typeof decide>[0]) =>
        question.request.kind === 'keyvaultSecret' ? deny('Not this vault.') : decide(question),
    });
    const { status, decision } = await world.submit(agent, withPassword);
    expect({ status, reasons: decision.reasons }).toEqual({ status: 'denied', reasons: [`${reference}: Not this vault.`] });
  });

  it('is asked about by the action that reads a value', async () => {
    const world = vaultWorld();
    await world.submit(agent, withPassword);
    expect(world.policies.questions.map(({ action, path }) => [action, path.resourceId])).toContainEqual([
      'microsoft.keyvault/vaults/secrets/getsecret/action',
      `${vaultId}/secrets/db-password`.toLowerCase(),
    ]);
  });

  it.each([
    [
      'a tag',
      write({ location: 'x', tags: { note: reference } }, `${resourceGroup}/providers/Microsoft.Storage/storageAccounts/st1`),
      true,
    ],
    ['an app setting', withPassword, false],
    [
      'the password of a machine',
      write(
        { properties: { osProfile: { adminPassword: reference } } },
        `${resourceGroup}/providers/Microsoft.Compute/virtualMachines/vm-1`,
      ),
      false,
    ],
    [
      'a parameter of a template, which may be an output',
      write(
        {
          properties: {
            mode: 'Incremental',
            template: { parameters: { adminPassword: { type: 'secureString' } }, resources: [], outputs: {} },
            parameters: { adminPassword: { value: reference } },
          },
        },
        `${resourceGroup}/providers/Microsoft.Resources/deployments/d`,
      ),
      true,
    ],
    [
      'a parameter of a script, which may print it',
      readAccount({
        target: {
          method: 'POST',
          path: `${resourceGroup}/providers/Microsoft.Compute/virtualMachines/vm-1/runCommand`,
          body: { commandId: 'RunShellScript', script: ['true'], parameters: [{ name: 'password', value: reference }] },
        },
      }),
      true,
    ],
  ])('at %s: readable is %j', async (_, submission, readable) => {
    const world = vaultWorld();
    const { assessment } = await world.submit(agent, submission);
    const codes = assessment.factors.map(({ code }) => code);
    expect(codes).toContain('usesSecret');
    expect(codes.includes('exposesSecret')).toBe(readable);
    if (readable) expect(assessment.level).toBe('critical');
  });

  it('is looked for once where several name one vault', async () => {
    const world = vaultWorld();
    const body = { properties: { A: reference, B: `${reference}-2`, C: `${reference}/${'1'.padStart(32, '0')}` } };
    await world.submit(agent, write(body));
    expect(world.azure.reads.filter((path) => path === '/subscriptions')).toEqual(['/subscriptions']);
    expect(world.policies.questions.filter(({ request }) => request.kind === 'keyvaultSecret')).toHaveLength(3);
  });

  it('is told first, however long the name of its place is', async () => {
    const world = vaultWorld();
    const { assessment } = await world.submit(agent, write({ properties: { ['long'.repeat(200)]: reference } }));
    expect(assessment.factors.find(({ code }) => code === 'usesSecret')?.evidence).toContain(`${reference} at properties.long`);
  });

  it('is masked at one place and seen at another, of twenty', async () => {
    const world = vaultWorld();
    const properties = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`password${index}`, reference]));
    const tags = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`note${index}`, reference]));
    const path = `${resourceGroup}/providers/Microsoft.Storage/storageAccounts/st1`;
    const { assessment } = await world.submit(agent, write({ location: 'x', properties, tags }, path));
    const exposed = assessment.factors.flatMap(({ code, evidence }) => (code === 'exposesSecret' ? [evidence] : []));
    expect(exposed).toEqual(Array.from({ length: 10 }, (_, index) => `${reference} at tags.note${index}`));
  });

  it('at a place that readers see is seen there, whatever stands at another place that looks the same', async () => {
    const world = vaultWorld();
    const tags = { password: { note: reference }, 'password.note': reference };
    const path = `${resourceGroup}/providers/Microsoft.Storage/storageAccounts/st1`;
    const { assessment } = await world.submit(agent, write({ location: 'x', tags }, path));
    expect(assessment.factors.map(({ code }) => code)).toContain('exposesSecret');
  });

  it('out of production is critical', async () => {
    const world = vaultWorld();
    world.azure.set(resourceGroup, { tags: {} });
    world.azure.set(subscription, { tags: { environment: 'dev' } });
    world.azure.set(settings, { properties: {} });
    const { assessment } = await world.submit(agent, withPassword);
    expect(assessment.factors.map(({ code }) => code)).toContain('takesSecretOutOfProduction');
  });
});

describe('a value that is used', () => {
  it('is what Azure gets, to the letter, and what nobody else sees', async () => {
    const world = vaultWorld();
    const id = await approved(world);
    const beforehand = await keptOf(world, id);
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls.at(-1)?.request.body).toEqual({ properties: { DB_PASSWORD: planted, DB_HOST: 'db-1' } });
    expect((await operationOf(world, id)).status).toBe('succeeded');
    const readings = JSON.stringify([await world.read(agent, id), await world.read(personCaller(anna), id)]);
    expectUntold(`${beforehand}${await keptOf(world, id)}${readings}`);
    expect(readings).toContain(reference);
  });

  it('is recorded by its version, read by the secrets identity, after the approval and the claim', async () => {
    const world = vaultWorld();
    const id = await approved(world);
    expect(world.keyVault.valuesRead).toEqual([]);
    await world.execute(lastMessage(world, 'execute'));
    const { events } = await storedOf(world, id);
    expect(events.map(({ detail }) => detail).find(({ kind }) => kind === 'callStarted')).toMatchObject({
      secretsUsed: [{ reference, version: '1'.padStart(32, '0') }],
    });
    expect(world.keyVault.valuesRead).toEqual([`${vault} db-password ${'1'.padStart(32, '0')} secrets`]);
    expect(events.flatMap(({ detail }) => (detail.kind === 'credentialIssued' ? [detail.tier] : []))).toEqual(['secrets', 'operator']);
  });

  it.each<[string, (value: string) => string]>([
    ['as it is', (value) => value],
    ['within a sentence', (value) => `The password ${value} is too weak.`],
    ['in base64', (value) => Buffer.from(value).toString('base64')],
    ['in base64 of more than itself', (value) => Buffer.from(`user:${value}@host`).toString('base64')],
    ['in base64 for URLs', (value) => Buffer.from(`x${value}`).toString('base64url')],
    ['in base64 of UTF-16', (value) => Buffer.from(value, 'utf16le').toString('base64')],
    ['in a URL', (value) => `https://x.example/?p=${encodeURIComponent(value)}`],
    ['in a form', (value) => new URLSearchParams({ p: value }).toString()],
    ['in JSON', (value) => JSON.stringify({ p: value })],
    ['in JSON in JSON', (value) => JSON.stringify(JSON.stringify({ p: value }))],
    ['in hexadecimal', (value) => Buffer.from(value).toString('hex')],
    ['by its second line', (value) => value.split('\n')[1] ?? ''],
  ])('is hidden %s, in an error and as a name too', async (_, written) => {
    const world = vaultWorld();
    const id = await approved(world);
    const back = written(planted);
    const body = { error: { code: 'BadRequest', message: back, details: [{ [back]: back, deep: [back] }] } };
    world.azure.answerCalls({ kind: 'answered', answer: { status: 400, body } });
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('failed');
    const kept = JSON.stringify(await world.store.readDocument(id, 'result'));
    expect(kept).not.toContain(JSON.stringify(back).slice(1, -1));
    expectUntold(kept);
  });

  it('is hidden in what a poll answers, though the value is kept nowhere', async () => {
    const world = vaultWorld();
    const id = await approved(world);
    const accepted = {
      kind: 'accepted',
      status: 202,
      pollUrl: 'https://management.azure.com/p',
      pollStyle: 'location',
      retryAfterMs: 1,
    } as const;
    world.azure.answerCalls(accepted);
    await world.execute(lastMessage(world, 'execute'));
    world.azure.answerPolls({ kind: 'answered', answer: { status: 200, body: { note: `made with ${planted}` } }, succeeded: true });
    await world.check(lastMessage(world, 'poll'));
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expectUntold(await keptOf(world, id));
  });

  it('takes the answer of a poll with it where it cannot be looked for any more', async () => {
    const world = vaultWorld();
    const id = await approved(world);
    world.azure.answerCalls({
      kind: 'accepted',
      status: 202,
      pollUrl: 'https://management.azure.com/p',
      pollStyle: 'location',
      retryAfterMs: 1,
    });
    await world.execute(lastMessage(world, 'execute'));
    world.keyVault.remove(vault, 'db-password');
    world.azure.answerPolls({ kind: 'answered', answer: { status: 200, body: { note: `made with ${planted}` } }, succeeded: true });
    await world.check(lastMessage(world, 'poll'));
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expect(await world.store.readDocument(id, 'result')).toBeUndefined();
  });
});

describe('a secret that makes another request of the one that was judged', () => {
  const rules = `${resourceGroup}/providers/Microsoft.Network/networkSecurityGroups/nsg-1/securityRules/in`;
  const rule = (access: string) => ({
    properties: { access, direction: 'Inbound', protocol: '*', sourceAddressPrefix: '*', destinationPortRange: '22' },
  });

  it('is not sent where it holds what the risk rules know, and nobody is told what', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', 'Allow');
    const id = await approved(world, write(rule(reference), rules));
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls).toEqual([]);
    const { detail } = (await storedOf(world, id)).events.at(-1) ?? {};
    expect(detail).toEqual({
      kind: 'executionStopped',
      code: 'policyRefuses',
      end: 'denied',
      detail: 'With what its secrets hold, the request is riskier than what was judged and shown. Nothing was sent.',
    });
  });

  it('is not sent where the policies refuse what it names', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', '/subscriptions/x/resourceGroups/rg-countersign');
    const { decide } = world.policies;
    Object.assign(world.policies, {
      decide: (question: Parameters<typeof decide>[0]) =>
        JSON.stringify(question.request).includes('rg-countersign') ? deny('That is ours: rg-countersign.') : decide(question),
    });
    const id = await approved(world);
    await world.execute(lastMessage(world, 'execute'));
    expect([(await operationOf(world, id)).status, world.azure.calls]).toEqual(['denied', []]);
    expect(await keptOf(world, id)).not.toContain('rg-countersign');
  });

  it('is no reference itself: what its value spells is sent as it is', async () => {
    const world = vaultWorld();
    const spelled = 'countersign://secret/kv-shop.vault.azure.net/other';
    world.keyVault.put(vault, 'other', planted);
    world.keyVault.put(vault, 'db-password', spelled);
    await approved(world);
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls.at(-1)?.request.body).toEqual({ properties: { DB_PASSWORD: spelled, DB_HOST: 'db-1' } });
  });

  it('is not used where it got a new version since the approvers were asked', async () => {
    const world = vaultWorld();
    const id = await approved(world);
    world.clock.advanceMs(60_000);
    world.keyVault.put(vault, 'db-password', 'switched');
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('expired');
    expect((await storedOf(world, id)).events.at(-1)?.detail).toMatchObject({ kind: 'executionStopped', code: 'drifted' });
    expect([world.azure.calls, world.keyVault.valuesRead]).toEqual([[], []]);
  });

  it('is used in the version that the reference names, whatever came after it', async () => {
    const world = vaultWorld();
    await approved(world, write({ properties: { DB_PASSWORD: `${reference}/${'1'.padStart(32, '0')}` } }));
    world.clock.advanceMs(60_000);
    world.keyVault.put(vault, 'db-password', 'switched');
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls.at(-1)?.request.body).toEqual({ properties: { DB_PASSWORD: planted } });
  });
});

describe('a secret that cannot be used', () => {
  const at = (text: string): never => JSON.parse(JSON.stringify(text)) as never;
  it.each<[string, Partial<SecretProperties>, string]>([
    ['disabled', { enabled: false }, 'disabled'],
    ['expired', { expires: at('2026-11-21T20:00:00.000Z') }, 'expired at'],
    ['not yet valid', { notBefore: at('2026-12-01T00:00:00.000Z') }, 'not valid before'],
  ])('as it is %s: failed with the reason, before the call', async (_, properties, reason) => {
    const world = vaultWorld(properties);
    const id = await approved(world);
    await world.execute(lastMessage(world, 'execute'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'failed', detail: expect.stringContaining(reason) });
    expect([world.azure.calls, world.keyVault.valuesRead]).toEqual([[], []]);
  });

  it.each<[string, string, (world: World) => void]>([
    ['missing', reference.replace('db-password', 'nothing'), () => undefined],
    ['deleted', reference, ({ keyVault }) => keyVault.remove(vault, 'db-password')],
    ['of another version', `${reference}/${'f'.repeat(32)}`, () => undefined],
  ])('as it is %s: failed, before the call', async (_, named, meanwhile) => {
    const world = vaultWorld();
    const id = await approved(world, write({ properties: { DB_PASSWORD: named } }));
    meanwhile(world);
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('failed');
    expect(world.azure.calls).toEqual([]);
  });
});

describe('values of every shape', () => {
  it.each([
    ['of 25,000 characters', 'x'.repeat(25_000)],
    ['of bytes', '\u0000\u0001\u001f\u007f\ufffd\u2028'],
    ['of a JSON document', '{"a":"b"}'],
    ['that is a reference itself', 'countersign://secret/kv-shop.vault.azure.net/other'],
    ['of one character', '7'],
  ])('%s come as they are', async (_, value) => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'shaped', value);
    const id = await approved(world, write({ properties: { A: reference.replace('db-password', 'shaped') } }));
    await world.execute(lastMessage(world, 'execute'));
    expect(world.azure.calls.at(-1)?.request.body).toEqual({ properties: { A: value } });
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });
});
