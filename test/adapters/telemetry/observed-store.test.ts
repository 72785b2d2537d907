import { describe, expect, it } from 'vitest';
import { observeStore } from '../../../shared/adapters/telemetry/observed-store.ts';
import { makeTelemetry } from '../../../shared/adapters/telemetry/telemetry.ts';
import { advance } from '../../../shared/domain/history.ts';
import type { OperationStore } from '../../../shared/ports/operation-store.ts';
import { details, happening, operationId } from '../../domain/sample-operation.ts';
import { makeRecordedExporter } from '../../support/recorded-exporter.ts';

const first = advance(
  operationId,
  undefined,
  [details.submitted, details.assessed, details.decidedRequireApproval].map((detail) => happening(detail)),
);
const previous = { ...first, version: 'etag-1' };
const cancelled = advance(operationId, first.operation, [happening(details.cancelled)]);
const withoutDocuments = { documents: [] };

async function makeObserved(answers: Partial<OperationStore>) {
  const exporter = makeRecordedExporter();
  const lines: string[] = [];
  const telemetry = makeTelemetry((_, line) => lines.push(line));
  await telemetry.exportThrough(async () => exporter);
  const inner: OperationStore = {
    create: async () => 'committed',
    append: async () => 'committed',
    read: async () => previous,
    readDocument: async () => 'sealed',
    ...answers,
  };
  return { store: observeStore(inner, { telemetry, log: telemetry.log }), exporter, lines };
}

describe('a commit', () => {
  it('that somebody else made is not told of', async () => {
    const { store, exporter, lines } = await makeObserved({ create: async () => 'exists', append: async () => 'conflict' });
    expect(await store.create({ ...first, ...withoutDocuments })).toBe('exists');
    expect(await store.append(previous, { ...cancelled, ...withoutDocuments })).toBe('conflict');
    expect([exporter.measurements, lines]).toEqual([[], []]);
    expect(exporter.spans.map(({ attributes }) => attributes['countersign.commit.outcome'])).toEqual(['exists', 'conflict']);
  });

  it('that failed is not told of', async () => {
    const { store, exporter, lines } = await makeObserved({ append: () => Promise.reject(new TypeError('the table is away')) });
    await expect(store.append(previous, { ...cancelled, ...withoutDocuments })).rejects.toThrow('the table is away');
    expect([exporter.measurements, lines, exporter.spans[0]?.failure]).toEqual([[], [], 'TypeError']);
  });

  it('is a span, a line and its measurements, once it is made', async () => {
    const { store, exporter, lines } = await makeObserved({});
    await store.create({ ...first, ...withoutDocuments });
    await store.append(previous, { ...cancelled, ...withoutDocuments });
    expect(exporter.measurements.map(({ metric }) => metric)).toEqual([
      'countersign.operation.transitions',
      'countersign.operation.transitions',
      'countersign.decision.duration',
    ]);
    expect(exporter.spans).toMatchObject([
      { name: 'commit operation', attributes: { 'countersign.operation.status': 'awaitingApproval' } },
      { name: 'commit operation', attributes: { 'countersign.operation.status': 'cancelled' } },
    ]);
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        level: 'info',
        event: 'operation committed',
        operationId,
        status: 'awaitingApproval',
        risk: 'high',
        sequence: 3,
        events: 'submitted,assessed,decided',
      },
      { level: 'info', event: 'operation committed', operationId, status: 'cancelled', sequence: 4, events: 'cancelled' },
    ]);
  });

  it('carries nothing that anybody wrote', async () => {
    const { store, exporter, lines } = await makeObserved({});
    await store.create({ ...first, ...withoutDocuments });
    const told = JSON.stringify([exporter.spans, exporter.measurements, lines]);
    for (const text of ['no longer needed', 'stproddata', 'deploy-agent', 'hmac-sha256', '44444444-4444']) expect(told).not.toContain(text);
  });
});

it('what is read comes as it is', async () => {
  const { store } = await makeObserved({});
  expect([await store.read(operationId), await store.readDocument(operationId, 'request')]).toEqual([previous, 'sealed']);
});
