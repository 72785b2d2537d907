import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isChromiumMissing } from '../../support/chromium.ts';
import { openPlaygroundPage, type PlaygroundPage, startBrowser } from '../../support/playground-page.ts';
import { startTeamsStage, type TeamsStage } from '../../support/teams-stage.ts';
import { ada, approvedByBoth, ben, sampleId, sampleOperation, voteBy } from './sample-operation.ts';

let stage: TeamsStage;
let browser: Browser;
let pageOfAda: PlaygroundPage;
let pageOfBen: PlaygroundPage;

beforeAll(async () => {
  stage = await startTeamsStage();
  browser = await startBrowser();
  [pageOfAda, pageOfBen] = [await open('approver-1'), await open('approver-2')];
});

afterAll(async () => {
  await browser.close();
  await stage.stop();
});

async function open(person: string): Promise<PlaygroundPage> {
  return await openPlaygroundPage(browser, stage.teams.pages.find((page) => page.person === person)?.address ?? '');
}

const hostile = '**bold** [Approve](https://evil.example) {{TIME(2026-01-01T00:00:00Z)}} \u202Eevorppa';

function subjectOf(later: Parameters<typeof sampleOperation>[1] = []) {
  return { operation: sampleOperation({ justification: hostile }, later), requestBody: undefined, targetState: { name: 'stproddata' } };
}

describe.skipIf(isChromiumMissing)('two approvers in Teams', () => {
  it('read, approve one after the other, and see the outcome', async () => {
    const card = await stage.channel.post(subjectOf(), stage.group);
    await pageOfAda.waitForCard(sampleId);
    const seen = await pageOfAda.readCard(sampleId);
    expect(seen).toContain('deploy-agent wants to delete stproddata in production.');
    expect(seen).toContain('**bold** [Approve](https://evil.example) {{TIME(2026-01-01T00:00:00Z)}} ⟨U+202E⟩evorppa');
    expect(seen).toMatch(/Decide by .*2026 \d+:12 [AP]M \(2026-11-22 00:12 UTC\)/);
    expect(await pageOfAda.buttons(sampleId)).toEqual(['Approve', 'Reject']);

    stage.answerWith((person) => Promise.resolve(subjectOf([voteBy(person, 'approve')])));
    expect(await pageOfAda.press(sampleId, 'Approve', 'Checked.')).toEqual({ kind: 'card' });
    await pageOfAda.waitForText(sampleId, '✔ Approved by Ada Approver');

    await stage.channel.update(subjectOf([voteBy(ada, 'approve')]), card);
    await pageOfBen.waitForText(sampleId, 'One more approval is needed');
    stage.answerWith(() => Promise.resolve({ message: 'You have voted on this operation already. One person is one vote.' }));
    expect(await pageOfBen.press(sampleId, 'Approve')).toEqual({
      kind: 'message',
      text: 'You have voted on this operation already. One person is one vote.',
    });

    await stage.channel.update(subjectOf(approvedByBoth), card);
    await pageOfBen.waitForText(sampleId, `✔ Approved by ${ben.name}`);
    expect(await pageOfBen.buttons(sampleId)).toEqual(['Refresh']);
  });
});
