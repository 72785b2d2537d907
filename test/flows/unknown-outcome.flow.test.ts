import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { people } from '../../infra/local/seed.ts';
import { until } from '../support/api-client.ts';
import { runProgram } from '../support/child-program.ts';
import { computeVersion, production, useRunningEnvironment, virtualMachine } from '../support/running-environment.ts';

/*
 * An outcome is looked for during a quarter of an hour, and no setting makes that shorter. Here the clock of the functions' process goes ahead instead, by a module
 * that is loaded before it.
 */
const directory = mkdtempSync(join(tmpdir(), 'countersign-clock-'));
const clock = join(directory, 'clock');
const setAhead = (minutes: number): void => writeFileSync(clock, String(minutes * 60_000));
setAhead(0);
afterAll(() => rmSync(directory, { recursive: true }));

const follow = new URL('../chaos/follow-clock.ts', import.meta.url).href;
const running = useRunningEnvironment({ settings: { CHAOS_CLOCK_FILE: clock, NODE_OPTIONS: `--import=${follow}` } });
const path = `${virtualMachine(production, 'vm-prod-1')}/restart`;
const idOf = (name: string) => people.find((person) => person.name === name)?.objectId;

const report = (who: string, id: string, found: string, note: string) =>
  running().api.send(who, 'POST', `/operations/${id}/findings`, { found, note });
const findingsOf = async (id: string) =>
  (await running().api.events(id)).flatMap(({ detail }) =>
    detail.kind === 'findingRecorded' ? [[detail.by.id, detail.found, detail.note]] : [],
  );

describe('a restart that Azure may have heard of, and nobody can tell', () => {
  let id = '';

  beforeAll(async () => {
    const { api, resourceManager } = running();
    resourceManager.faults.inject({ name: 'resetBeforeEffect', match: { method: 'POST', pathEnd: '/restart' } });
    id = (await api.submit('deploy-agent', { method: 'POST', path, apiVersion: computeVersion })).operation().id;
    await api.vote('approver-1', id, 'approve', await api.awaitApprovalDigest(id));
    await until(async () => (await api.events(id)).at(-1)?.detail.kind === 'outcomeDoubted');
    setAhead(16);
    await api.awaitStatus(id, 'outcomeUnknown');
  });

  it('is made once, and ends as unknown with what a person must know who looks', async () => {
    const { api, effectsOn } = running();
    const { next, detail } = (await api.read('deploy-agent', id)).operation();
    expect(next).toBe('stop');
    expect(detail).toMatch(
      new RegExp(`^POST ${path} was sent at \\S+Z with x-ms-client-request-id ${id}, and nobody knows what became of it\\. `, 'i'),
    );
    expect(detail).toContain('It was looked for until ');
    expect(detail).toMatch(/Look at the target, and in its activity log for that id from \S+Z on, then record what you found\.$/);
    expect(effectsOn('/restart').map(({ clientRequestId, effect }) => [clientRequestId, effect])).toEqual([[id, null]]);
  });

  it.each([
    ['deploy-agent', 403, 'PersonRequired'],
    ['auditor', 403, 'MissingRole'],
  ])('takes no finding of %s', async (who, status, code) => {
    const answer = await report(who, id, 'noEffect', 'I looked.');
    expect([answer.status, answer.errorCode()]).toEqual([status, code]);
    expect(await findingsOf(id)).toEqual([]);
  });

  it('takes what one person found once, said three times at the same moment and once more later', async () => {
    const say = () => report('approver-1', id, 'noEffect', 'The machine has been up for a month.');
    const answers = [...(await Promise.all([say(), say(), say()])), await say()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await findingsOf(id)).toEqual([[idOf('approver-1'), 'noEffect', 'The machine has been up for a month.']]);
  });

  it('takes what another person found, by npm run record-finding, and stays as it ended', async () => {
    const args = [id, '--found', 'effect', '--note', 'It came up anew at noon.', '--as', 'approver-2', '--directory', running().directory];
    const ended = await runProgram('infra/local/record-finding.ts', ...args);
    expect([ended.code, ended.err]).toEqual([0, '']);
    expect(JSON.parse(ended.out)).toMatchObject({ id, status: 'outcomeUnknown', next: 'stop' });
    expect((await findingsOf(id)).map(([by, found]) => [by, found])).toEqual([
      [idOf('approver-1'), 'noEffect'],
      [idOf('approver-2'), 'effect'],
    ]);
  });
});
