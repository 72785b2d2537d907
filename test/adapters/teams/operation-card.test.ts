import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOperationCard, maxCardBytes } from '../../../shared/adapters/teams/operation-card.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { JsonValue } from '../../../shared/domain/json.ts';
import type { Operation } from '../../../shared/domain/operation.ts';
import { type CardReading, readCard } from './card-reading.ts';
import {
  ada,
  approvalDigestOf,
  approvedByBoth,
  ben,
  called,
  happening,
  type SampleOptions,
  sampleId,
  sampleOperation,
  started,
  voteBy,
} from './sample-operation.ts';

const cardOf = makeOperationCard((id) => `https://countersign.example/console/operations/${id}`);
const url = `https://countersign.example/console/operations/${sampleId}`;

function read(operation: Operation, requestBody?: JsonValue, targetState?: JsonValue): CardReading {
  return readCard(cardOf({ operation, requestBody, targetState }).content);
}

function waiting(options: SampleOptions = {}, requestBody?: JsonValue, targetState?: JsonValue): CardReading {
  return read(sampleOperation(options), requestBody, targetState);
}

const titles = (card: CardReading) => card.buttons.map(({ title }) => title);

describe('a card that waits for approval', () => {
  it('starts with what a glance must give', () => {
    const [product, title, sentence, risk, until] = waiting().text.split('\n').slice(1);
    expect(product).toBe('Countersign · op_k3v2x2a7');
    expect(title).toBe('Your approval is needed');
    expect(sentence).toBe('deploy-agent wants to delete stproddata in production.');
    expect(risk).toBe('Risk: critical · 0 of 2 approvals');
    expect(until).toBe('Decide by {{DATE(2026-11-22T00:12:00Z, SHORT)}} {{TIME(2026-11-22T00:12:00Z)}} (2026-11-22 00:12 UTC).');
  });

  it('says with an action what follows it', () => {
    const path = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Search/searchServices/find';
    const { text } = waiting({ method: 'POST', path: `${path}/regenerateAdminKey/primary` });
    expect(text).toContain('deploy-agent wants to run "regenerateadminkey/primary" on find in production.');
  });

  it('shows the request exactly as it would be sent', () => {
    const { text } = waiting({ query: { forcedeletion: 'true' }, headers: { 'if-match': '*' } });
    expect(text).toContain(
      [
        'DELETE /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-prod/providers/microsoft.storage/storageaccounts/stproddata',
        'api-version 2024-01-01',
        'query forcedeletion = true',
        'header if-match: *',
        'action microsoft.storage/storageaccounts/delete',
      ].join('\n'),
    );
  });

  it('says on what', () => {
    expect(waiting().text).toContain(
      [
        'Resource: stproddata',
        'Type: microsoft.storage/storageaccounts',
        'Resource group: rg-prod',
        'Subscription: 00000000-0000-0000-0000-000000000001',
        'Environment: production',
      ].join('\n'),
    );
  });

  it("marks the agent's words as the agent's", () => {
    const { text } = waiting({ justification: 'Please, it is urgent.' });
    expect(text).toContain("Why, in the agent's own words (nobody checked them)\n\nPlease, it is urgent.");
  });

  it('explains the risk and what the policy asks for', () => {
    const { text } = waiting();
    expect(text).toContain('critical Deleting a storage account deletes all data in it.\nDELETE microsoft.storage/storageaccounts');
    expect(text).toContain('Needs 2 approvals of approvers.\nPolicy: critical-needs-two');
  });

  it('says that nobody can approve what the policies contradict each other on', () => {
    expect(waiting({ groups: [] }).text).toContain('Needs 2 approvals nobody may give, since the policies contradict each other.');
  });

  it('shows the masked body and the target as it is now', () => {
    const { text } = waiting(
      { method: 'PUT' },
      { properties: { adminPassword: '•••' } },
      { name: 'stproddata', sku: { name: 'Standard_GRS' } },
    );
    expect(text).toContain('Request body (secrets masked)\n{"properties": {"adminPassword": "•••"}}');
    expect(text).toContain('The target now (secrets masked)');
    expect(text).toContain('{\n  "name": "stproddata",\n  "sku": {"name": "Standard_GRS"}\n}');
  });

  it('says why the target could not be read', () => {
    const preview = { state: 'unreadable', reason: 'Azure answered 403.', readAt: instant('2026-11-21T20:12:05.000Z') } as const;
    expect(waiting({ preview }).text).toContain('It could not be read: Azure answered 403.');
  });

  it('says that there is no target yet', () => {
    const preview = { state: 'absent', readAt: instant('2026-11-21T20:12:05.000Z') } as const;
    expect(waiting({ preview }).text).toContain('The target now\nIt does not exist.');
  });

  it('has buttons that carry the digest of what it shows', () => {
    const data = { operationId: sampleId, digest: approvalDigestOf() };
    expect(waiting().buttons).toEqual([
      { title: 'Approve', verb: 'approve', data },
      { title: 'Reject', verb: 'reject', data },
      { title: 'Read the whole', verb: undefined, data: undefined },
    ]);
    expect(waiting().inputs).toEqual(['reason']);
  });

  it('counts the votes and names the voters', () => {
    const { text, buttons } = read(sampleOperation({}, [voteBy(ada, 'approve', 'Checked with the team.')]));
    expect(text).toContain('One more approval is needed');
    expect(text).toContain('1 of 2 approvals');
    expect(text).toContain('✔ Approved by Ada Approver\n{{DATE(2026-11-21T20:30:00Z, SHORT)}}');
    expect(text).toContain('Checked with the team.');
    expect(buttons).toHaveLength(3);
  });

  it('has a line for notifications', () => {
    expect(cardOf({ operation: sampleOperation(), requestBody: undefined, targetState: undefined }).summary).toBe(
      'Your approval is needed: deploy-agent, delete stproddata',
    );
  });
});

describe('what the agent wrote stays text', () => {
  const hostile = '**bold** [Approve here](https://evil.example) <at>Ada</at> {{TIME(2026-01-01T00:00:00Z)}} \u202Eevorppa';
  const card = waiting({ justification: hostile, agentName: 'agent\u202E [x](https://evil.example)' }, { description: hostile });

  it('in no element that reads markdown', () => {
    expect(card.marked.filter((text) => text.includes('evil.example'))).toEqual([]);
  });

  it('with no time computed in it', () => {
    expect(card.runs.filter((run) => run.includes('{{'))).toEqual([]);
  });

  it('with invisible characters made visible', () => {
    expect(card.text).toContain('⟨U+202E⟩evorppa');
    expect(card.text).toContain('agent⟨U+202E⟩ [x](https://evil.example) wants to');
    expect(card.text).not.toContain('\u202E');
  });
});

describe('what is too long is never cut in silence', () => {
  it('a long justification is cut with the number of characters that are missing', () => {
    const { text, bytes, buttons } = waiting({ justification: 'because '.repeat(5000) });
    expect(bytes).toBeLessThanOrEqual(maxCardBytes);
    expect(text).toMatch(new RegExp(`[0-9,]+ more characters are not shown: read the whole at ${url}`));
    expect(buttons[0]?.title).toBe('Approve');
  });

  it('a long state of the target is cut, and the request is not', () => {
    const state = { rules: Array.from({ length: 500 }, (_, index) => ({ name: `rule-${index}`, destination: '10.0.0.0/8' })) };
    const { text, bytes, buttons } = waiting({ method: 'PUT' }, { location: 'westeurope' }, state);
    expect(bytes).toBeLessThanOrEqual(maxCardBytes);
    expect(text).toContain('more characters are not shown');
    expect(text).toContain('{"location": "westeurope"}');
    expect(buttons[0]?.title).toBe('Approve');
  });

  it('a body that does not fit takes Approve away and says where to read it', () => {
    const body = { script: 'x'.repeat(25 * 1024) };
    const { text, bytes, buttons } = waiting({ method: 'PUT' }, body);
    expect(bytes).toBeLessThanOrEqual(maxCardBytes);
    expect(text).toContain('The request is too long for a card, so it cannot be approved here: read the whole, then approve it there.');
    expect(buttons.map(({ verb }) => verb)).not.toContain('approve');
    expect(text).toContain(`more characters are not shown: read the whole at ${url}`);
  });

  it('a query that does not fit takes Approve away as well', () => {
    const query = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`force${'abcdefghij'[index]}`, 'v'.repeat(4000)]));
    expect(titles(waiting({ query }))).toEqual(['Read the whole', 'Reject']);
  });

  it('a body of 4 MiB makes a card all the same', () => {
    expect(waiting({ method: 'PUT' }, { script: '{{'.repeat(2 * 1024 * 1024) }).bytes).toBeLessThanOrEqual(maxCardBytes);
  });

  it('factors beyond those shown are counted', () => {
    const factors = Array.from({ length: 60 }, (_, index) => ({ code: `f${index}`, level: 'high' as const, detail: `Factor ${index}.` }));
    const { text } = waiting({ assessment: { level: 'high', environment: 'production', factors } });
    expect(text).toMatch(new RegExp(`[0-9]+ more factors are not shown: read the whole at ${url}`));
  });

  it('every card fits, and one with Approve shows the whole request', () => {
    const hostileText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc.constantFrom('{{', '\u202E', '\n', '/', '"').map((unit) => unit.repeat(9000)),
    );
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, hostileText, (justification, script, detail, state) => {
        const assessment = {
          level: 'high' as const,
          environment: 'production' as const,
          factors: Array(10).fill({ code: 'f', level: 'high', detail, evidence: detail }),
        };
        const card = waiting({ method: 'PUT', justification, assessment }, { script }, { state });
        expect(card.bytes).toBeLessThanOrEqual(maxCardBytes);
        const approvable = card.buttons.some(({ verb }) => verb === 'approve');
        expect(approvable).toBe(!card.text.includes('The request is too long for a card'));
      }),
      { numRuns: 20 },
    );
  });
});

const lostAnswer = happening(
  {
    kind: 'outcomeDoubted',
    reason: 'The connection was cut.',
    accepted: false,
    readAt: instant('2026-11-21T20:30:10.000Z'),
    readUntil: instant('2026-11-21T20:45:05.000Z'),
  },
  '2026-11-21T20:30:05.000Z',
);

describe('a card that no longer waits', () => {
  it('being prepared, takes no votes', () => {
    const before = sampleOperation();
    const unshown = { ...before, shown: undefined };
    const card = readCard(cardOf({ operation: unshown, requestBody: undefined, targetState: undefined }).content);
    expect(card.text).toContain('Being prepared for approval');
    expect(titles(card)).toEqual(['Read the whole']);
  });

  it.each([
    ['approved', approvedByBoth, 'Approved, about to run'],
    ['executing', called, 'Approved and running'],
    ['executing, its answer lost', [...called, lostAnswer], 'Approved, outcome in doubt'],
  ])('%s, can only be refreshed', (_status, happenings, title) => {
    const card = read(sampleOperation({}, happenings));
    expect(card.text).toContain(title);
    expect(card.buttons[0]).toEqual({ title: 'Refresh', verb: 'refresh', data: { operationId: sampleId } });
    expect(card.buttons.map(({ verb }) => verb)).not.toContain('approve');
    expect(card.inputs).toEqual([]);
  });

  const finished = (outcome: 'succeeded' | 'failed' | 'outcomeUnknown', detail: string, status?: number) => [
    ...called,
    happening(
      {
        kind: 'executionFinished',
        outcome,
        detail,
        result: { ...(status === undefined ? {} : { status, bodyDigest: approvalDigestOf() }), masked: ['properties.adminPassword'] },
      },
      '2026-11-21T20:30:05.000Z',
    ),
  ];

  it.each([
    ['succeeded', finished('succeeded', 'Azure answered 200.', 200), 'Done', 'Status: 200'],
    ['failed', finished('failed', 'Azure answered 409: the account is locked.', 409), 'Failed', 'Status: 409'],
    [
      'outcomeUnknown',
      finished('outcomeUnknown', 'The connection broke.'),
      'Outcome unknown: look at the target',
      'Status: no answer was received',
    ],
  ])('%s, says what came back and who let it run', (_status, happenings, title, status) => {
    const card = read(sampleOperation({}, happenings));
    expect(card.text).toContain(title);
    expect(card.text).toContain(status);
    expect(card.text).toContain('properties.adminPassword');
    expect(card.text).toContain('✔ Approved by Ada Approver');
    expect(card.text).toContain('✔ Approved by Ben Approver');
    expect(card.text).toContain('Finished {{DATE(2026-11-21T20:30:05Z, SHORT)}}');
    expect(titles(card)).toEqual(['Read the whole']);
    expect(card.inputs).toEqual([]);
  });

  it('outcomeUnknown, says what people found who looked, and when it had ended', () => {
    const looked = happening(
      { kind: 'findingRecorded', by: ben, found: 'partialEffect', note: 'Two of three are gone.' },
      '2026-11-22T08:00:00.000Z',
    );
    const card = read(sampleOperation({}, [...finished('outcomeUnknown', 'The connection broke.'), looked]));
    expect(card.text).toContain('It had part of its effect, found Ben Approver');
    expect(card.text).toContain('Two of three are gone.');
    expect(card.text).toContain('Finished {{DATE(2026-11-21T20:30:05Z, SHORT)}}');
  });

  const rejected = [
    voteBy(ben, 'reject', 'Not tonight.'),
    happening({ kind: 'rejected', by: ben, reason: 'Not tonight.' }, '2026-11-21T20:30:00.000Z'),
  ];
  const stopped = [
    ...started,
    happening(
      { kind: 'executionStopped', code: 'drifted', detail: 'The target is no longer what was shown.', end: 'denied' },
      '2026-11-21T20:30:03.000Z',
    ),
  ];

  it.each([
    ['rejected', rejected, 'Rejected', '✘ Rejected by Ben Approver'],
    ['denied', stopped, 'Stopped, nothing was sent to Azure', 'The target is no longer what was shown.'],
    [
      'expired',
      [happening({ kind: 'expired', waitingFor: 'approval' }, '2026-11-22T00:12:00.000Z')],
      'Expired, nothing was sent to Azure',
      'Nobody decided in time.',
    ],
    ['cancelled', [happening({ kind: 'cancelled' })], 'Withdrawn by the agent', 'The agent took it back.'],
  ])('%s, says how it ended', (_status, happenings, title, detail) => {
    const card = read(sampleOperation({}, happenings));
    expect(card.text).toContain(title);
    expect(card.text).toContain(detail);
    expect(card.text).toContain(`The request body, the risk in full and what the approvers were shown: ${url}`);
    expect(titles(card)).toEqual(['Read the whole']);
  });
});
