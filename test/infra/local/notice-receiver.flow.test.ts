import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureCertificates } from '../../../infra/local/certificates.ts';
import { type LocalNoticeReceiver, startNoticeReceiver } from '../../../infra/local/notices/start-notice-receiver.ts';
import { makeWebhookReceiver } from '../../../shared/adapters/notices/webhook-receiver.ts';
import { systemClock } from '../../../shared/adapters/system/system.ts';
import { instant } from '../../../shared/domain/instant.ts';
import { notice } from '../../adapters/notices/receiving.ts';

const trusted = getCACertificates('default');
let directory: string;
let receiver: LocalNoticeReceiver;
let lines: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'notices-'));
  const { certPem, keyPem, caPem } = await ensureCertificates(directory);
  setDefaultCACertificates([...trusted, caPem]);
  receiver = await startNoticeReceiver({ port: 0, certPem, keyPem, onNotice: (line) => lines.push(line) });
});

beforeEach(() => {
  lines = [];
});

afterAll(async () => {
  setDefaultCACertificates(trusted);
  await receiver.stop();
  await rm(directory, { recursive: true });
});

function webhook(secret = receiver.secret, clock = systemClock) {
  const secrets = [Buffer.from(secret.slice('whsec_'.length), 'base64')];
  return makeWebhookReceiver({ url: receiver.address, secrets, publicUrl: 'https://countersign.example', clock });
}

describe('the local receiver of notices', () => {
  it.each([
    ['another secret', () => webhook(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)],
    ['a time long ago', () => webhook(receiver.secret, { now: () => instant('2020-01-01T00:00:00.000Z') })],
  ])('refuses what is signed with %s', async (_, sender) => {
    await expect(sender().deliver(notice)).rejects.toMatchObject({ message: 'the receiver answered 401' });
    expect([receiver.notices(), lines]).toEqual([[], []]);
  });

  it('refuses what is not signed at all', async () => {
    const answer = await fetch(receiver.address, { method: 'POST', body: '{}' });
    expect([answer.status, receiver.notices()]).toEqual([401, []]);
  });

  it('takes a notice once, tells of it, and shows it', async () => {
    await webhook().deliver(notice);
    await webhook().deliver(notice);
    expect(lines).toEqual(['countersign.operation.succeeded op_aaaaaaaaaaaaaaaaaaaaaaaaaa microsoft.storage/storageaccounts/delete']);
    const page = await (await fetch(receiver.address)).text();
    expect(page.match(/op_aaaaaaaaaaaaaaaaaaaaaaaaaa/g)).toHaveLength(1);
  });

  it('shows what an agent is called as text', async () => {
    await webhook().deliver({ ...notice, id: 'op_b-1', agent: { ...notice.agent, name: '<script>alert(1)</script>' } });
    const page = await (await fetch(receiver.address)).text();
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script>');
  });
});
