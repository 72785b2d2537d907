import { describe, expect, it } from 'vitest';
import { observeAnnouncer, observeCaller, observeReader } from '../../../shared/adapters/telemetry/observed-ports.ts';
import { makeTelemetry } from '../../../shared/adapters/telemetry/telemetry.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { Announcement } from '../../../shared/ports/announcer.ts';
import type { AzureCaller, CallOutcome, Credential } from '../../../shared/ports/azure.ts';
import { digestFilledWith, operationId, target } from '../../domain/sample-operation.ts';
import { makeRecordedExporter } from '../../support/recorded-exporter.ts';

const ofOperation = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const laterInIt = '00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01';
const ofVoter = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-2222222222222222-01';

async function makeExported() {
  const exporter = makeRecordedExporter();
  const telemetry = makeTelemetry(() => undefined);
  await telemetry.exportThrough(async () => exporter);
  return { telemetry, exporter };
}

const announcement: Announcement = { operationId, purpose: 'execute', sequence: 3, commit: digestFilledWith('a'), attempt: 0 };

describe('a message', () => {
  const announcing = async (around: string | undefined, own: string | undefined) => {
    const { telemetry, exporter } = await makeExported();
    const sent: (readonly Announcement[])[] = [];
    const announcer = observeAnnouncer({ announce: async (messages) => void sent.push(messages) }, telemetry);
    await telemetry.during({ name: 'around', kind: 'server', parent: around }, () =>
      announcer.announce([{ ...announcement, traceparent: own }]),
    );
    return { exporter, sent: sent.flat() };
  };

  it('carries the span in which it was sent', async () => {
    const { exporter, sent } = await announcing(laterInIt, ofOperation);
    const [span, around] = exporter.spans;
    expect(span).toMatchObject({ name: 'send messages', kind: 'producer', parent: around?.traceparent });
    expect(sent).toEqual([{ ...announcement, traceparent: span?.traceparent }]);
  });

  it('of an operation that somebody else goes on with stays in the trace of the operation', async () => {
    const { exporter, sent } = await announcing(ofVoter, ofOperation);
    expect(exporter.spans[0]?.parent).toBe(ofOperation);
    expect(sent[0]?.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
  });

  it('of an operation without a trace goes on with the one around it', async () => {
    expect((await announcing(ofVoter, undefined)).sent[0]?.traceparent).toMatch(/^00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-/);
  });

  it('is as it was where nothing is exported', async () => {
    const sent: (readonly Announcement[])[] = [];
    const announcer = observeAnnouncer(
      { announce: async (messages) => void sent.push(messages) },
      makeTelemetry(() => undefined),
    );
    await announcer.announce([{ ...announcement, traceparent: ofOperation }]);
    await announcer.announce([]);
    expect(sent).toEqual([[{ ...announcement, traceparent: ofOperation }], []]);
  });
});

describe('a call', () => {
  const credential: Credential = { tier: 'operator', identity: 'x', token: 'secret-token', expiresAt: instant('2026-11-21T21:00:00.000Z') };
  const calling = async (outcome: CallOutcome) => {
    const { telemetry, exporter } = await makeExported();
    const caller: AzureCaller = { callOnce: async () => outcome, poll: async () => ({ kind: 'gone', reason: 'forgotten' }) };
    expect(await observeCaller(caller, telemetry).callOnce(target, credential, operationId)).toBe(outcome);
    return exporter.spans;
  };

  it.each<[CallOutcome, number | undefined, string | undefined]>([
    [{ kind: 'answered', answer: { status: 200, body: { key: 'hunter2' } } }, 200, undefined],
    [{ kind: 'answered', answer: { status: 409, body: { error: 'hunter2' } } }, 409, '409'],
    [{ kind: 'accepted', status: 202, pollUrl: 'https://hunter2', pollStyle: 'location', retryAfterMs: 1 }, 202, undefined],
    [{ kind: 'busy', status: 429, retryAfterMs: 1 }, 429, '429'],
    [{ kind: 'notSent', reason: 'hunter2' }, undefined, 'notSent'],
    [{ kind: 'doubtful', reason: 'hunter2' }, undefined, 'doubtful'],
  ])('tells its outcome and nothing that was sent or answered: %o', async (outcome, status, failure) => {
    const spans = await calling(outcome);
    expect(spans).toMatchObject([{ name: 'call Azure Resource Manager', kind: 'client', failure }]);
    expect([spans[0]?.attributes['countersign.call.outcome'], spans[0]?.attributes['http.response.status_code']]).toEqual([
      outcome.kind,
      status,
    ]);
    expect(JSON.stringify(spans)).not.toMatch(/hunter2|secret-token|stproddata|forcedeletion/);
  });
});

it('a reading tells its state, not what was read or where', async () => {
  const { telemetry, exporter } = await makeExported();
  const reader = observeReader({ read: async () => ({ state: 'unreadable', reason: 'hunter2' }) }, telemetry);
  await reader.read('/subscriptions/hunter2', '2024-01-01');
  expect(exporter.spans).toMatchObject([{ attributes: { 'countersign.read.state': 'unreadable' }, failure: 'unreadable' }]);
  expect(JSON.stringify(exporter.spans)).not.toContain('hunter2');
});

it('a reading is the one that was asked for, with its query', async () => {
  const { telemetry } = await makeExported();
  const asked: unknown[] = [];
  const reader = observeReader(
    {
      read: async (...question) => {
        asked.push(question);
        return { state: 'absent' };
      },
    },
    telemetry,
  );
  await reader.read('/subscriptions/s-1/resources', '2021-04-01', { $filter: "name eq 'kv-shop'" });
  expect(asked).toEqual([['/subscriptions/s-1/resources', '2021-04-01', { $filter: "name eq 'kv-shop'" }]]);
});
