import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isChromiumMissing } from '../support/chromium.ts';
import { openPlaygroundPage, type PlaygroundPage, startBrowser } from '../support/playground-page.ts';
import {
  production,
  type RunningEnvironment,
  storageAccount,
  storageVersion,
  useRunningEnvironment,
} from '../support/running-environment.ts';

describe.skipIf(isChromiumMissing)('approvers in Teams', () => {
  const running = useRunningEnvironment({ withTeamsPages: true });
  let browser: Browser;
  let ada: PlaygroundPage;
  let ben: PlaygroundPage;
  beforeAll(async () => {
    browser = await startBrowser();
    [ada, ben] = [await pageOf(browser, running(), 'approver-1'), await pageOf(browser, running(), 'approver-2')];
  });
  afterAll(async () => {
    await browser?.close();
  });

  const justification = 'The account was replaced last week';
  const account = { method: 'DELETE', path: storageAccount(production, 'stproddata'), apiVersion: storageVersion };
  const vault = { method: 'DELETE', path: `${production}/providers/Microsoft.KeyVault/vaults/kv-prod-1`, apiVersion: '2023-07-01' };

  it('see who wants what on what, why, how dangerous it is and until when; one rejects, and it stays', async () => {
    const { api, effectsOn } = running();
    const { id, decision } = (await api.submit('deploy-agent', account, {}, justification)).operation();
    await ada.waitForCard(id);
    const seen = await ada.readCard(id);
    for (const told of [
      'Your approval is needed',
      'deploy-agent wants to delete stproddata in production.',
      'DELETE /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-prod/providers/microsoft.storage/storageaccounts/stproddata',
      'action microsoft.storage/storageaccounts/delete',
      justification,
      'Why the risk is high',
      'What it deletes holds data, which goes with it.',
      'The target is in production',
      'Needs 1 approval of approvers.',
      `${decision.approval?.expiresAt?.slice(0, 16).replace('T', ' ')} UTC`,
    ]) {
      expect(seen).toContain(told);
    }
    expect(await ada.press(id, 'Reject')).toEqual({ kind: 'card' });
    await ada.waitForText(id, 'Rejected');
    await ben.waitForText(id, 'Rejected by Ada Approver');
    expect(await ben.buttons(id)).toEqual([]);
    expect((await api.read('deploy-agent', id)).operation()).toMatchObject({ status: 'rejected', next: 'stop' });
    expect(effectsOn('stproddata')).toEqual([]);
  });

  it('approve by one press: the card becomes the outcome on every page, and the resource is gone', async () => {
    const { api, effectsOn } = running();
    const { id } = (await api.submit('deploy-agent', account, {}, justification)).operation();
    await ada.waitForCard(id);
    expect(await ada.press(id, 'Approve', 'Checked with the team')).toEqual({ kind: 'card' });
    await ada.waitForText(id, 'Done');
    await ben.waitForText(id, 'Approved by Ada Approver');
    await ben.waitForText(id, 'Done');
    expect(await ben.readCard(id)).toContain('Checked with the team');
    expect(await ada.buttons(id)).toEqual([]);
    expect(effectsOn('stproddata')).toMatchObject([{ method: 'DELETE', status: 200, clientRequestId: id }]);
    const gone = await api.submit('deploy-agent', { ...account, method: 'GET' }, { prefer: 'wait=20' });
    expect(gone.operation().result?.status).toBe(404);
  });

  it('are both needed for what may do lasting damage: one of them pressing twice is told so', async () => {
    const { api, effectsOn } = running();
    const { id } = (await api.submit('deploy-agent', vault, {}, justification)).operation();
    await ada.waitForCard(id);
    expect(await ada.press(id, 'Approve')).toEqual({ kind: 'card' });
    await ada.waitForText(id, 'One more approval is needed');
    await ben.waitForText(id, 'One more approval is needed');
    expect(await ada.press(id, 'Approve')).toEqual({
      kind: 'message',
      text: 'You have voted on this operation already. One person is one vote.',
    });
    expect(effectsOn('kv-prod-1')).toEqual([]);
    expect(await ben.press(id, 'Approve')).toEqual({ kind: 'card' });
    await ada.waitForText(id, 'Done');
    expect(effectsOn('kv-prod-1')).toMatchObject([{ method: 'DELETE', clientRequestId: id }]);
  });
});

async function pageOf(browser: Browser, { teams }: RunningEnvironment, person: string): Promise<PlaygroundPage> {
  return await openPlaygroundPage(browser, teams.pages.find((page) => page.person === person)?.address ?? '');
}
