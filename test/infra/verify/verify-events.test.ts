import { describe, expect, it } from 'vitest';
import { type Report, verifyCommand } from '../../../infra/verify/verify-command.ts';
import { eventsResponse } from '../../../shared/contracts/operation-response.ts';
import type { EventDetail, OperationEvent } from '../../../shared/domain/event.ts';
import { appendToChain } from '../../../shared/domain/event-chain.ts';
import { details, digestFilledWith, happening, operationId, otherOperationId } from '../../domain/sample-operation.ts';

/** The deletion that the demo tells: asked for, approved by one person, done. */
const deletion: readonly EventDetail[] = [
  details.submitted,
  details.assessed,
  details.decidedRequireApproval,
  details.previewed,
  details.approvalRequested,
  details.voteRecordedApprove,
  details.approved,
  details.executionStarted,
  details.credentialIssued,
  details.callStarted,
  details.executionFinishedSucceeded,
];

function chainOf(id: string): readonly OperationEvent[] {
  return appendToChain(
    id,
    undefined,
    deletion.map((detail) => happening(detail)),
  );
}

const chain = chainOf(operationId);

function verifyText(text: string): Promise<Report> {
  return verifyCommand(['-'], async () => new TextEncoder().encode(text));
}

function verify(events: readonly OperationEvent[]): Promise<Report> {
  return verifyText(JSON.stringify(eventsResponse(events)));
}

/** The marks at the beginnings of the lines of the table. */
function marksOf({ text }: Report): string {
  const [table = ''] = text.split('\n\n');
  return Array.from(table.matchAll(/^[✓✗]/gm), ([mark]) => mark).join('');
}

describe('verify-events says where a chain breaks', () => {
  it('where one byte of an event was changed', async () => {
    const text = JSON.stringify(eventsResponse(chain)).replace('Looked at it.', 'Looked at it!');
    const report = await verifyText(text);
    expect(report.exitCode).toBe(1);
    expect(report.text).toContain(`✗ The chain of ${operationId} breaks at event 6: its hash is that of something else: it was changed.`);
    expect(marksOf(report)).toBe('✓✓✓✓✓✗✓✓✓✓✓');
  });

  it('where a hash was changed, to which the next event then does not point', async () => {
    const report = await verify(chain.map((event) => (event.sequence === 2 ? { ...event, hash: digestFilledWith('0') } : event)));
    expect(report.text).toContain('breaks at event 2: its hash is that of something else');
    expect(marksOf(report)).toBe('✓✗✗✓✓✓✓✓✓✓✓');
  });

  it('where an event was removed', async () => {
    const report = await verify(chain.toSpliced(3, 1));
    expect(report.exitCode).toBe(1);
    expect(report.text).toContain(
      'breaks at event 5 (line 4): it does not follow the one before it: an event is missing, or the order was changed.',
    );
    expect(marksOf(report)).toBe('✓✓✓✗✓✓✓✓✓✓');
  });

  it('where the first event was removed', async () => {
    expect(await verify(chain.slice(1))).toMatchObject({ exitCode: 1, text: expect.stringContaining('breaks at event 2 (line 1)') });
  });

  it('where two events changed places', async () => {
    const [first, second, third, ...rest] = chain;
    if (first === undefined || second === undefined || third === undefined) throw new RangeError('there are eleven');
    const report = await verify([first, third, second, ...rest]);
    expect(report.exitCode).toBe(1);
    expect(report.text).toContain('breaks at event 3 (line 2)');
    expect(marksOf(report)).toBe('✓✗✗✗✓✓✓✓✓✓✓');
  });

  it('where the events of two operations were mixed', async () => {
    const report = await verify([...chain.slice(0, 4), ...chainOf(otherOperationId).slice(4)]);
    expect(report.exitCode).toBe(1);
    expect(report.text).toContain(`✗ The chain of ${operationId} breaks at event 5: it belongs to another operation.`);
  });

  it('where an event is none that it knows', async () => {
    const text = JSON.stringify(eventsResponse(chain)).replace('"kind":"previewed"', '"kind":"prewieved"');
    const report = await verifyText(text);
    expect(report.exitCode).toBe(1);
    expect(report.text).toContain('breaks at line 4: it is no event that this version of Countersign knows.');
  });

  it('where there are no events', async () => {
    expect(await verify([])).toEqual({ exitCode: 1, text: '✗ There are no events: nothing was verified.' });
  });
});

describe('verify-events refuses what is no answer with events', () => {
  it.each([
    ['something else', '{"events":[]}', 'this is something else'],
    [
      'a refusal of the API, whose code it tells',
      '{"error":{"code":"InvalidToken","message":"secret"}}',
      'this is an error, InvalidToken.',
    ],
    ['text that is no JSON', '<html>', 'This is no JSON'],
    ['an object with one name twice, of which each reader could take another', '{"value":[],"value":[]}', 'This is no JSON'],
  ])('%s', async (_, text, told) => {
    const report = await verifyText(text);
    expect(report).toMatchObject({ exitCode: 2, text: expect.stringContaining(told) });
    expect(report.text).not.toContain('secret');
  });

  it('a file that cannot be read', async () => {
    const report = await verifyCommand(['gone.json'], () => Promise.reject(new Error('ENOENT: gone.json')));
    expect(report).toEqual({ exitCode: 2, text: 'ENOENT: gone.json' });
  });

  it.each([[[]], [['a.json', 'b.json']], [['--fix']]])('%j, which is not one file', async (args) => {
    expect(await verifyCommand(args, () => Promise.reject(new Error('nothing is read')))).toMatchObject({ exitCode: 2 });
  });
});

describe('verify-events', () => {
  it('says that a chain holds, and its last hash', async () => {
    const report = await verify(chain);
    expect(report.exitCode).toBe(0);
    expect(report.text).toContain(
      `✓ The chain of ${operationId} holds: 11 events, each hash recomputed. The last is ${chain.at(-1)?.hash}`,
    );
    expect(marksOf(report)).toBe('✓✓✓✓✓✓✓✓✓✓✓');
  });

  it('shows sequence, time, kind and who, and nothing else that an event says', async () => {
    const { text } = await verify(chain);
    expect(text).toMatch(/^✓ {2} 1 {2}2026-11-21T20:21:00\.000Z {2}submitted +countersign\/edge +[0-9a-f]{12}$/m);
    expect(text).not.toContain('The account is no longer needed.');
  });

  it('lets no name move the cursor of a terminal', async () => {
    const [named] = appendToChain(operationId, undefined, [
      { ...happening(details.submitted), actor: { kind: 'agent', id: 'a', name: 'eve\u001b[2J' } },
    ]);
    if (named === undefined) throw new RangeError('one event was asked for');
    const report = await verify([named]);
    expect(report).toMatchObject({ exitCode: 0, text: expect.stringContaining('eve?[2J') });
  });

  it('explains itself', async () => {
    const report = await verifyCommand(['--help'], () => Promise.reject(new Error('nothing is read')));
    expect(report).toMatchObject({ exitCode: 0, text: expect.stringContaining('npm run --silent verify-events -- -') });
  });
});
