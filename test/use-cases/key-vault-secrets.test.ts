import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { instant } from '../../shared/domain/instant.ts';
import type { JsonObject } from '../../shared/domain/json.ts';
import type { OperationId } from '../../shared/domain/operation.ts';
import { type OperationDocument, StoreError } from '../../shared/ports/operation-store.ts';
import type { Submission } from '../../shared/use-cases/submit-operation.ts';
import { agentCaller, anna, deployAgent, otherAgent, personCaller } from '../support/cast.ts';
import { kindsOf, lastMessage, operationOf, resourceGroup, storedOf, subscription, voteFor, voterOf } from '../support/scenarios.ts';
import { requireApproval } from '../support/scripted-policies.ts';
import { makeWorld, type World } from '../support/world.ts';

const vault = 'https://kv-shop.vault.azure.net';
const vaultId = `${resourceGroup}/providers/Microsoft.KeyVault/vaults/kv-shop`;
const planted = 'planted: correct horse battery staple';
const agent = agentCaller(deployAgent);

/** A world with one vault, in production. */
function vaultWorld(): World {
  const world = makeWorld();
  world.azure.set('/subscriptions', { value: [{ subscriptionId: '00000000-0000-4000-8000-000000000001' }] });
  world.azure.set(`${subscription}/resources`, { value: [{ id: vaultId, name: 'kv-shop', type: 'Microsoft.KeyVault/vaults' }] });
  world.azure.set(vaultId, { id: vaultId, tags: { environment: 'prod' }, properties: { vaultUri: `${vault}/`, enableSoftDelete: true } });
  world.azure.set(resourceGroup, { tags: {} });
  world.azure.set(subscription, { tags: {} });
  return world;
}

function about(fields: JsonObject): Submission {
  return {
    target: { kind: 'keyvaultSecret', fields: { kind: 'keyvaultSecret', vault, ...fields } },
    justification: 'The password is due for rotation.',
    repeatabilityId: undefined,
    clientRequestId: undefined,
    traceparent: undefined,
  };
}

/** Asked for, shown and approved by Anna; announced for execution. */
async function approved(world: World, fields: JsonObject): Promise<OperationId> {
  const { id } = await world.submit(agent, about(fields));
  await world.requestApproval(lastMessage(world, 'requestApproval'));
  await world.recordVote(voterOf(anna), await voteFor(world, id));
  world.effects.length = 0;
  return id;
}

/** Everything that is kept of an operation and could be read by somebody, but for the sealed request. */
async function keptOf(world: World, id: OperationId): Promise<string> {
  const { events } = await storedOf(world, id);
  const result = await world.store.readDocument(id, 'result');
  const preview = await world.store.readDocument(id, 'preview');
  const handover = await world.store.readDocument(id, 'handover');
  const shown = world.channel.shown.map(({ subject }) => subject);
  return JSON.stringify({ events, result, preview, handover, shown, log: world.log });
}

describe('a vault that nobody can find', () => {
  it('is asked about outside of every scope, as production', async () => {
    const world = vaultWorld();
    const { id } = await world.submit(agent, about({ method: 'delete', name: 'db-password', vault: 'https://kv-other.vault.azure.net' }));
    expect(world.policies.questions.at(-1)).toMatchObject({
      path: { containers: ['/providers/microsoft.keyvault/vaults/kv-other', '/'], subscriptionId: undefined },
      assessment: { environment: 'production', level: 'critical' },
    });
    expect((await operationOf(world, id)).target.resourceId).toBe('/providers/microsoft.keyvault/vaults/kv-other/secrets/db-password');
  });

  it('is not the one that another resource of its name says to be', async () => {
    const world = vaultWorld();
    world.azure.set(vaultId, { id: vaultId, properties: { vaultUri: 'https://kv-elsewhere.vault.azure.net/' } });
    await world.submit(agent, about({ method: 'get', name: 'db-password' }));
    expect(world.policies.questions.at(-1)?.path.subscriptionId).toBeUndefined();
  });

  it('is refused at once where it is no vault of this cloud', async () => {
    const world = vaultWorld();
    for (const elsewhere of [
      'https://kv-shop.vault.azure.net.evil.example',
      'https://kv-shop.vault.azure.cn',
      'https://a.kv-shop.vault.azure.net',
    ]) {
      await expect(world.submit(agent, about({ method: 'list', vault: elsewhere }))).rejects.toMatchObject({ target: 'target.vault' });
    }
    expect(world.azure.reads).toEqual([]);
  });

  it('is not judged while Azure cannot say where it is', async () => {
    const world = vaultWorld();
    world.keyVault.setAway(true);
    await expect(world.submit(agent, about({ method: 'delete', name: 'db-password' }))).rejects.toMatchObject({ code: 'Unavailable' });
  });
});

describe('what only reads', () => {
  it('lists names and properties with the identity that sees no value, and fetches none', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', planted, { tags: { usedBy: 'shop-web' } });
    const { id } = await world.submit(agent, about({ method: 'list' }));
    await world.execute(lastMessage(world, 'execute'));
    expect(world.keyVault.calls).toMatchObject([{ credential: { tier: 'reader' }, request: { method: 'list' } }]);
    expect(await world.store.readDocument(id, 'result')).toMatchObject({ items: [{ name: 'db-password', tags: { usedBy: 'shop-web' } }] });
    expect(world.keyVault.valuesRead).toEqual([]);
  });

  it('reads the properties of one, and never its value', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', planted);
    const { id } = await world.submit(agent, about({ method: 'get', name: 'DB-Password' }));
    await world.execute(lastMessage(world, 'execute'));
    expect(await operationOf(world, id)).toMatchObject({
      status: 'succeeded',
      action: 'microsoft.keyvault/vaults/secrets/readmetadata/action',
    });
    expect(world.keyVault.valuesRead).toEqual([]);
    expect(await keptOf(world, id)).not.toContain(planted);
  });
});

describe('setting a secret', () => {
  it('makes one version of exactly the value that was submitted, with the identity that changes things', async () => {
    const world = vaultWorld();
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    await world.execute(lastMessage(world, 'execute'));
    expect(world.keyVault.valueOf(vault, 'db-password')).toBe(planted);
    expect(world.keyVault.calls).toMatchObject([{ credential: { tier: 'operator' }, clientRequestId: id }]);
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });

  it('is recorded as done though nobody can be told of it at that moment', async () => {
    const world = vaultWorld();
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    const { callOnce } = world.keyVault.caller;
    world.keyVault.caller.callOnce = async (...call) => {
      world.announcer.failNext();
      return await callOnce(...call);
    };
    await expect(world.execute(lastMessage(world, 'execute'))).rejects.toMatchObject({ name: 'AnnounceError' });
    expect((await operationOf(world, id)).status).toBe('succeeded');
  });

  it('tells its value to nobody: no event, card, result, log or reading holds it', async () => {
    const world = vaultWorld();
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    await world.execute(lastMessage(world, 'execute'));
    const readings = [await world.read(agent, id), await world.read(personCaller(anna), id)];
    expect(`${await keptOf(world, id)}${JSON.stringify(readings)}`).not.toContain(planted);
    expect(readings[1]?.requestBody).toEqual({ value: '[not shown]' });
  });

  it('tells its value to nobody where the agent says it in its justification, in another spelling too', async () => {
    const world = vaultWorld();
    world.policies.script('risky', requireApproval(1, ['approvers']));
    const spelled = Buffer.from(planted, 'utf8').toString('base64');
    const submission = about({ method: 'set', name: 'db-password', value: planted });
    const { id } = await world.submit(agent, { ...submission, justification: `It becomes ${planted} (${spelled}).` });
    await world.requestApproval(lastMessage(world, 'requestApproval'));
    await world.recordVote(voterOf(anna), await voteFor(world, id));
    await world.execute(lastMessage(world, 'execute'));
    const { status, justification } = await operationOf(world, id);
    expect({ status, justification }).toEqual({ status: 'succeeded', justification: 'It becomes «masked» («masked»).' });
    const kept = `${await keptOf(world, id)}${JSON.stringify(await world.read(personCaller(anna), id))}`;
    expect(kept).not.toContain(planted);
    expect(kept).not.toContain(spelled);
  });

  it('keeps whose it is and what it is, and not the dates of the value before, which is told', async () => {
    const world = vaultWorld();
    const tags = { usedBy: 'shop-web', environment: 'prod' };
    world.keyVault.put(vault, 'db-password', 'first', { tags, contentType: 'text/plain', expires: instant('2027-01-01T00:00:00.000Z') });
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    await world.execute(lastMessage(world, 'execute'));
    const state = await world.keyVault.reader.read(vault, 'db-password');
    expect(state.state === 'present' ? state.versions[0] : undefined).toMatchObject({ tags, contentType: 'text/plain' });
    expect(state.state === 'present' ? state.versions[0].expires : 'absent').toBeUndefined();
    const { assessment } = await operationOf(world, id);
    expect(assessment.factors).toContainEqual(expect.objectContaining({ code: 'losesSecretProperties', evidence: 'expires' }));
  });

  it('hides its value in what its owner wrote beside it', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', 'first', { tags: { next: planted } });
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    await world.execute(lastMessage(world, 'execute'));
    expect(JSON.stringify(await world.store.readDocument(id, 'result'))).not.toContain(planted);
  });

  it('is another request with another value', async () => {
    const world = vaultWorld();
    const repeatabilityId = 'a0b1';
    const first = await world.submit(agent, { ...about({ method: 'set', name: 'db-password', value: planted }), repeatabilityId });
    await expect(
      world.submit(agent, { ...about({ method: 'set', name: 'db-password', value: 'other' }), repeatabilityId }),
    ).rejects.toMatchObject({ code: 'RepeatabilityConflict' });
    expect((await world.submit(agent, { ...about({ method: 'set', name: 'db-password', value: planted }), repeatabilityId })).id).toBe(
      first.id,
    );
  });

  it('does not run where somebody made a version since the approvers looked', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', 'old');
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    world.keyVault.put(vault, 'db-password', "somebody's");
    await world.execute(lastMessage(world, 'execute'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired' });
    expect(world.keyVault.calls).toEqual([]);
  });

  it('does not run where the vault now stands elsewhere among the resources', async () => {
    const world = vaultWorld();
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    const moved = `${subscription}/resourceGroups/rg-other/providers/Microsoft.KeyVault/vaults/kv-shop`;
    world.azure.set(`${subscription}/resources`, { value: [{ id: moved, name: 'kv-shop' }] });
    world.azure.set(moved, { id: moved, tags: { environment: 'prod' }, properties: { vaultUri: `${vault}/` } });
    await world.execute(lastMessage(world, 'execute'));
    expect(await operationOf(world, id)).toMatchObject({ status: 'expired', detail: expect.stringContaining('no longer where it was') });
    expect(world.keyVault.calls).toEqual([]);
  });
});

describe('a set whose answer is lost', () => {
  const lost = { kind: 'doubtful', reason: 'The connection broke.' } as const;

  async function doubtful(effect: 'happens' | 'none', meanwhile: (world: World) => void = () => undefined) {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', 'old');
    const id = await approved(world, { method: 'set', name: 'db-password', value: planted });
    world.keyVault.answerNext(lost, effect);
    await world.execute(lastMessage(world, 'execute'));
    meanwhile(world);
    world.clock.advanceMs(10_000);
    await world.check(lastMessage(world, 'readBack'));
    return { world, id };
  }

  it('succeeded where exactly one new version came to be in its time', async () => {
    const { world, id } = await doubtful('happens');
    expect(await operationOf(world, id)).toMatchObject({ status: 'succeeded' });
    expect(world.keyVault.calls).toHaveLength(1);
  });

  it('is not decided where two came to be', async () => {
    const { world, id } = await doubtful('happens', ({ keyVault }) => keyVault.put(vault, 'db-password', "somebody's"));
    expect((await operationOf(world, id)).status).toBe('executing');
    world.clock.setTo('2026-11-21T21:12:00.000Z');
    await world.check(lastMessage(world, 'readBack'));
    expect((await operationOf(world, id)).status).toBe('outcomeUnknown');
    expect(world.keyVault.calls).toHaveLength(1);
  });

  it('is not decided by a version that was deleted with its secret', async () => {
    const { world, id } = await doubtful('happens', ({ keyVault }) => keyVault.remove(vault, 'db-password'));
    expect((await operationOf(world, id)).status).toBe('executing');
  });

  it('is made again only when it certainly left no version, and has had the time to', async () => {
    const { world, id } = await doubtful('none');
    expect((await operationOf(world, id)).status).toBe('executing');
    world.clock.advanceMs(5 * 60_000);
    await world.check(lastMessage(world, 'readBack'));
    expect((await operationOf(world, id)).status).toBe('approved');
  });
});

describe.each([
  ['delete', 'deleted'],
  ['recover', 'present'],
  ['purge', 'absent'],
] as const)('a %s whose answer is lost', (method, after) => {
  it.each([
    ['happens', 'succeeded'],
    ['none', 'executing'],
  ] as const)('where the effect %s: %s', async (effect, status) => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', planted);
    if (method !== 'delete') world.keyVault.remove(vault, 'db-password');
    const id = await approved(world, { method, name: 'db-password' });
    world.keyVault.answerNext({ kind: 'doubtful', reason: 'The connection broke.' }, effect);
    await world.execute(lastMessage(world, 'execute'));
    world.clock.advanceMs(10 * 60_000);
    await world.check(lastMessage(world, 'readBack'));
    expect((await operationOf(world, id)).status).toBe(status);
    expect(world.keyVault.calls).toHaveLength(1);
    if (effect === 'happens') expect(await world.keyVault.reader.read(vault, 'db-password')).toMatchObject({ state: after });
  });
});

describe('revealing a value', () => {
  async function keys() {
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256', extractable: true });
    const { kty = '', crv = '', x = '', y = '' } = await exportJWK(publicKey);
    return { revealTo: { kty, crv, x, y }, privateKey };
  }

  async function revealed() {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', planted);
    const { revealTo, privateKey } = await keys();
    const id = await approved(world, { method: 'get', name: 'db-password', reveal: true, revealTo });
    return { world, id, privateKey };
  }

  async function executed() {
    const made = await revealed();
    await made.world.execute(lastMessage(made.world, 'execute'));
    return made;
  }

  it('hands the agent a text that its key alone opens, once', async () => {
    const { world, id, privateKey } = await executed();
    const first = await world.read(agent, id);
    const second = await world.read(agent, id);
    const { plaintext } = await compactDecrypt(first.secret ?? '', privateKey);
    expect(new TextDecoder().decode(plaintext)).toBe(planted);
    expect(second.secret).toBeUndefined();
    expect(await world.store.readDocument(id, 'handover')).toBeUndefined();
    expect((await kindsOf(world, id)).slice(-2)).toEqual(['executionFinished', 'secretCollected']);
  });

  it('is not used up by a reading whose other parts cannot be had', async () => {
    const { world, id } = await executed();
    const { readDocument } = world.store;
    Object.assign(world.store, {
      readDocument: async (of: OperationId, name: OperationDocument['name']) => {
        if (name === 'result') throw new StoreError('unreachable', 'away');
        return await readDocument(of, name);
      },
    });
    await expect(world.read(agent, id)).rejects.toMatchObject({ code: 'unreachable' });
    Object.assign(world.store, { readDocument });
    expect((await world.read(agent, id)).secret).toBeDefined();
  });

  it('fails where the value is larger than any that Key Vault takes, which could not be deleted with its row', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', '✓'.repeat(10_000));
    const { revealTo } = await keys();
    const id = await approved(world, { method: 'get', name: 'db-password', reveal: true, revealTo });
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('failed');
    expect(await world.store.readDocument(id, 'handover')).toBeUndefined();
  });

  it('hides the value in the tags that come with it', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', planted, { tags: { copy: planted } });
    const { revealTo } = await keys();
    const id = await approved(world, { method: 'get', name: 'db-password', reveal: true, revealTo });
    await world.execute(lastMessage(world, 'execute'));
    expect(JSON.stringify(await world.store.readDocument(id, 'result'))).not.toContain(planted);
  });

  it('goes to one of two readings at the same time', async () => {
    const { world, id } = await executed();
    const readings = await Promise.all(Array.from({ length: 8 }, () => world.read(agent, id)));
    expect(readings.filter(({ secret }) => secret !== undefined)).toHaveLength(1);
  });

  it('is never with what people or other agents read', async () => {
    const { world, id } = await executed();
    expect((await world.read(personCaller(anna), id)).secret).toBeUndefined();
    await expect(world.read(agentCaller(otherAgent), id)).rejects.toMatchObject({ code: 'OperationNotFound' });
    expect((await operationOf(world, id)).status).toBe('succeeded');
    expect(await world.store.readDocument(id, 'handover')).toBeDefined();
    expect(await keptOf(world, id)).not.toContain(planted);
  });

  it('is read by the secrets identity, in the version that the approvers saw', async () => {
    const { world } = await executed();
    expect(world.keyVault.valuesRead).toEqual([`${vault} db-password ${'1'.padStart(32, '0')} secrets`]);
  });

  it('is that of the newest version, or of the one that was asked for', async () => {
    const world = vaultWorld();
    const older = world.keyVault.put(vault, 'db-password', 'before');
    const newest = world.keyVault.put(vault, 'db-password', planted);
    const { revealTo } = await keys();
    for (const version of [undefined, older]) {
      const asked = version === undefined ? {} : { version };
      await approved(world, { method: 'get', name: 'db-password', reveal: true, revealTo, ...asked });
      await world.execute(lastMessage(world, 'execute'));
    }
    expect(world.keyVault.valuesRead).toEqual([`${vault} db-password ${newest} secrets`, `${vault} db-password ${older} secrets`]);
  });

  it('does not go before the hour is over, however early the message comes', async () => {
    const { world, id } = await executed();
    world.clock.advanceMs(60 * 60_000 - 1);
    await world.check(lastMessage(world, 'dropSecret'));
    expect((await world.read(agent, id)).secret).toBeDefined();
  });

  it('goes after an hour, taken or not', async () => {
    const { world, id } = await executed();
    world.clock.advanceMs(60 * 60_000);
    expect((await world.read(agent, id)).secret).toBeUndefined();
    await world.check(lastMessage(world, 'dropSecret'));
    expect(await world.store.readDocument(id, 'handover')).toBeUndefined();
    expect((await kindsOf(world, id)).at(-1)).toBe('secretDropped');
  });

  it('does not happen where somebody made a version since the approvers looked', async () => {
    const { world, id } = await revealed();
    world.keyVault.put(vault, 'db-password', 'newer');
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('expired');
    expect(world.keyVault.valuesRead).toEqual([]);
  });

  it.each([
    ['disabled', { enabled: false }],
    ['expired', { expires: '2026-11-21T20:00:00.000Z' }],
    ['not yet valid', { notBefore: '2026-11-22T20:00:00.000Z' }],
  ])('fails before anything is asked for where it is %s', async (_, properties) => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', planted, JSON.parse(JSON.stringify(properties)));
    const { revealTo } = await keys();
    const id = await approved(world, { method: 'get', name: 'db-password', reveal: true, revealTo });
    await world.execute(lastMessage(world, 'execute'));
    expect((await operationOf(world, id)).status).toBe('failed');
    expect(world.keyVault.valuesRead).toEqual([]);
  });

  it('is shown to the approvers with the thumbprint of the key', async () => {
    const { world, id } = await revealed();
    const { target } = await operationOf(world, id);
    expect(target).toMatchObject({ method: 'get', revealTo: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
  });
});

describe('what the approvers see', () => {
  it('is which versions there are, when they end and who uses the secret, and no value', async () => {
    const world = vaultWorld();
    world.keyVault.put(vault, 'db-password', 'first');
    world.keyVault.put(vault, 'db-password', planted, { tags: { usedBy: 'shop-web', team: 'payments' } });
    world.policies.script('risky', requireApproval(1, ['approvers']));
    const { id } = await world.submit(agent, about({ method: 'delete', name: 'db-password' }));
    await world.requestApproval(lastMessage(world, 'requestApproval'));
    const preview = await world.store.readDocument(id, 'preview');
    expect(preview).toMatchObject({
      vault,
      name: 'db-password',
      usedBy: ['usedBy=shop-web'],
      versions: [{ version: '2'.padStart(32, '0'), enabled: true }, { version: '1'.padStart(32, '0') }],
    });
    expect((await operationOf(world, id)).assessment.factors.map(({ code }) => code)).toEqual([
      'deletesSecret',
      'secretHasUsers',
      'touchesProduction',
    ]);
    expect(await keptOf(world, id)).not.toContain(planted);
  });
});
