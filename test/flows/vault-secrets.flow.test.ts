import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { useRunningEnvironment } from '../support/running-environment.ts';

const running = useRunningEnvironment();
/** Nowhere but in Key Vault, and for an hour at most in a text that only the agent can open. */
const planted = 'planted-7c1e correct\nhorse "battery" stäple';

function ask(fields: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, string>> = {}) {
  const { api, endpoints } = running();
  const target = { kind: 'keyvaultSecret', vault: endpoints.vaults.dev, ...fields };
  return api.send('deploy-agent', 'POST', '/operations', { target, justification: 'The password is due' }, headers);
}

async function approve(id: string) {
  const { api } = running();
  const digest = await api.awaitApprovalDigest(id);
  expect((await api.vote('approver-1', id, 'approve', digest)).status).toBe(200);
  return await api.awaitOperation(id, ({ status }) => status === 'succeeded' || status === 'failed' || status === 'expired');
}

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { modulusLength: 2048, extractable: true });
  const { kty = '', n = '', e = '' } = await exportJWK(publicKey);
  return { revealTo: { kty, n, e }, privateKey };
}

const handed = z.object({ result: z.object({ secret: z.object({ state: z.string(), jwe: z.string().optional() }) }) });

function secretIn(text: string) {
  return handed.parse(JSON.parse(text)).result.secret;
}

describe('a vault as agents see it', () => {
  it('is listed at once, without a value', async () => {
    const answer = await ask({ method: 'list' }, { prefer: 'wait=20' });
    expect(answer.operation()).toMatchObject({ status: 'succeeded', action: 'microsoft.keyvault/vaults/secrets/readmetadata/action' });
    expect(answer.text).toContain('database-password');
    expect(answer.operation().result?.body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ name: 'api-token', tags: { owner: 'integrations', usedBy: 'web-dev' } })]),
    });
  });

  it.each(['https://kv-nowhere.vault.localhost', 'https://kv-dev-1.vault.azure.net', 'http://localhost'])('is not %s', async (vault) => {
    const answer = await ask({ method: 'list', vault });
    expect([answer.status, answer.status === 400 ? answer.errorCode() : '']).toEqual([400, 'InvalidRequest']);
  });

  it('is none that nobody can find', async () => {
    const { vaults } = running().endpoints;
    const answer = await ask({ method: 'list', vault: vaults.dev.replace('kv-dev-1', 'kv-nowhere') });
    expect(answer.operation()).toMatchObject({ status: 'denied', decision: { policies: [{ id: 'built-in.vault-unknown' }] } });
  });
});

describe('a secret that is set and revealed', () => {
  it('goes from an agent into the vault and back to the agent alone, each time after a person approved', async () => {
    const { api, lines, directory } = running();
    const set = (await ask({ method: 'set', name: 'rotated', value: planted })).operation();
    expect(set).toMatchObject({ status: 'awaitingApproval', risk: { level: 'high' } });
    expect((await approve(set.id)).status).toBe('succeeded');

    const { revealTo, privateKey } = await newKey();
    const get = (await ask({ method: 'get', name: 'rotated', reveal: true, revealTo })).operation();
    expect(get.status).toBe('awaitingApproval');
    const seenByAuditor = await approve(get.id);
    expect(seenByAuditor).toMatchObject({ status: 'succeeded', result: { secret: { state: 'waiting' } } });
    expect(JSON.stringify(seenByAuditor)).not.toContain('jwe');

    const read = secretIn((await api.read('deploy-agent', get.id)).text);
    const { plaintext, protectedHeader } = await compactDecrypt(read.jwe ?? '', privateKey);
    expect(new TextDecoder().decode(plaintext)).toBe(planted);
    expect(protectedHeader).toMatchObject({ alg: 'RSA-OAEP-256', enc: 'A256GCM' });
    expect(secretIn((await api.read('deploy-agent', get.id)).text)).toEqual({ state: 'collected' });
    expect((await api.events(get.id)).at(-1)?.detail).toEqual({ kind: 'secretCollected' });

    const told = [
      JSON.stringify(await api.events(set.id)),
      JSON.stringify(await api.events(get.id)),
      JSON.stringify(seenByAuditor),
      ...lines,
    ];
    expect(told.filter((text) => text.includes('planted-7c1e'))).toEqual([]);
    expect(await filesHolding(directory, 'planted-7c1e')).toEqual(['key-vault']);
  });
});

/** Parts of the environment whose files hold a text; Key Vault's own must. */
async function filesHolding(directory: string, text: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = new Set<string>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.add(path.slice(directory.length + 1).split('/')[0] ?? '');
  }
  return [...found];
}
