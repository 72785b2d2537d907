import { HttpRequest, InvocationContext, PreInvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { observeInvocations } from '../../functions/observe-invocations.ts';
import { makeTelemetry } from '../../shared/adapters/telemetry/telemetry.ts';
import { encodeQueueMessage } from '../../shared/contracts/queue-message.ts';
import { digestFilledWith, operationId } from '../domain/sample-operation.ts';
import { makeLiteralClock } from '../support/literal-clock.ts';
import { makeRecordedExporter } from '../support/recorded-exporter.ts';

const ofCaller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const ofHostInIt = '00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-00';
const ofHostAlone = '00-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-2222222222222222-00';

type Invoked = {
  readonly trigger: Readonly<Record<string, unknown>> & { readonly type: string; readonly name: string };
  readonly input: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly ofHost?: string;
  readonly answer?: () => Promise<unknown>;
};

async function invoke({ trigger, input, metadata = {}, ofHost, answer = async () => ({ status: 202 }) }: Invoked) {
  const exporter = makeRecordedExporter();
  const onConsole: string[] = [];
  const lines: string[] = [];
  const telemetry = makeTelemetry((_, line) => onConsole.push(line));
  await telemetry.exportThrough(async () => exporter);
  const context = new InvocationContext({
    invocationId: 'invocation-1',
    functionName: 'under-test',
    logHandler: (level, line) => lines.push(`${level} ${String(line)}`),
    options: { trigger },
    triggerMetadata: metadata,
    ...(ofHost === undefined ? {} : { traceContext: { traceParent: ofHost } }),
  });
  const functionHandler = async () => {
    telemetry.log.info('inside');
    return await answer();
  };
  const hook = new PreInvocationContext({ inputs: [input], invocationContext: context, functionCallback: functionHandler });
  await observeInvocations({ telemetry, clock: makeLiteralClock('2026-11-21T20:12:05.000Z') })(hook);
  const settled = await Promise.allSettled([hook.functionHandler(input, context)]);
  return { exporter, lines, onConsole, settled: settled[0] };
}

function request(headers: Readonly<Record<string, string>>, params: Readonly<Record<string, string>> = {}): HttpRequest {
  return new HttpRequest({ method: 'POST', url: 'https://countersign.example/api/operations?code=hunter2', headers, params });
}

const submit = { type: 'httpTrigger', name: 'httpTrigger', route: 'api/operations' } as const;

describe('a request', () => {
  it('is a step that names the route, not the address', async () => {
    const { exporter, settled } = await invoke({ trigger: submit, input: request({ 'x-key': 'hunter2' }) });
    expect(settled).toEqual({ status: 'fulfilled', value: { status: 202 } });
    expect(exporter.spans).toMatchObject([
      {
        name: 'POST api/operations',
        kind: 'server',
        failure: undefined,
        attributes: { 'faas.name': 'under-test', 'http.route': 'api/operations', 'http.response.status_code': 202 },
      },
    ]);
    expect(JSON.stringify(exporter.spans)).not.toContain('hunter2');
  });

  it.each([
    ['goes on with the trace of the caller', ofCaller, undefined, ofCaller],
    ['hangs under the span of the host, where that goes on with it', ofCaller, ofHostInIt, ofHostInIt],
    ['goes on with the caller where the host does not', ofCaller, ofHostAlone, ofCaller],
    ['hangs under the host where the caller has none', undefined, ofHostAlone, ofHostAlone],
    ['drops what is no traceparent', 'hunter2', ofHostAlone, ofHostAlone],
    ['drops a trace of zeros', '00-00000000000000000000000000000000-00f067aa0ba902b7-01', undefined, undefined],
  ])('%s', async (_, header, ofHost, parent) => {
    const input = request(header === undefined ? {} : { traceparent: header });
    const { exporter } = await invoke({ trigger: submit, input, ...(ofHost === undefined ? {} : { ofHost }) });
    expect(exporter.spans[0]?.parent).toBe(parent);
  });

  it('is about the operation that it names, if it is an id', async () => {
    const read = { ...submit, route: 'api/operations/{id}' };
    expect((await invoke({ trigger: read, input: request({}, { id: operationId }) })).exporter.spans[0]?.attributes).toMatchObject({
      'countersign.operation.id': operationId,
    });
    const { exporter } = await invoke({ trigger: read, input: request({}, { id: 'hunter2' }) });
    expect(JSON.stringify(exporter.spans)).not.toContain('hunter2');
  });

  it('is a failure where the answer says so, or there is none', async () => {
    const failing = async (answer: () => Promise<unknown>) =>
      (await invoke({ trigger: submit, input: request({}), answer })).exporter.spans.map(({ failure }) => failure);
    expect(await failing(async () => ({ status: 503 }))).toEqual(['503']);
    expect(await failing(async () => ({ status: 404 }))).toEqual([undefined]);
    expect(await failing(() => Promise.reject(new TypeError('hunter2')))).toEqual(['TypeError']);
  });

  it('gives its lines to the host', async () => {
    const { lines, onConsole } = await invoke({ trigger: submit, input: request({ traceparent: ofCaller }) });
    expect(lines).toEqual(['information {"level":"info","event":"inside","traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}']);
    expect(onConsole).toEqual([]);
  });
});

describe('a message', () => {
  const executions = { type: 'serviceBusTrigger', name: 'serviceBusTrigger', queueName: 'executions' } as const;
  const encoded = encodeQueueMessage({
    operationId,
    purpose: 'execute',
    sequence: 3,
    commit: digestFilledWith('a'),
    attempt: 1,
    traceparent: ofCaller,
  });
  const body = Buffer.from(JSON.stringify(encoded.body));
  const metadata = { contentType: 'application/json', enqueuedTimeUtc: '2026-11-21T20:12:03.5' };

  it('goes on with the trace that it carries, and is about its operation', async () => {
    const { exporter, lines } = await invoke({ trigger: executions, input: body, metadata });
    expect(exporter.spans).toMatchObject([
      {
        name: 'process executions',
        kind: 'consumer',
        parent: ofCaller,
        attributes: {
          'messaging.destination.name': 'executions',
          'countersign.purpose': 'execute',
          'countersign.operation.id': operationId,
        },
      },
    ]);
    expect(lines[0]).toContain(operationId);
  });

  it.each(['2026-11-21T20:12:03.5', '2026-11-21T20:12:03.500Z', '2026-11-21T21:12:03.5+01:00'])(
    'was due for so long: %s',
    async (enqueuedTimeUtc) => {
      const { exporter } = await invoke({ trigger: executions, input: body, metadata: { ...metadata, enqueuedTimeUtc } });
      expect(exporter.measurements).toEqual([
        { metric: 'countersign.queue.message.age', value: 1.5, attributes: { 'messaging.destination.name': 'executions' } },
      ]);
    },
  );

  it('that is not ours says nothing, and nothing of it is told', async () => {
    const { exporter } = await invoke({
      trigger: executions,
      input: Buffer.from('{"operationId":"hunter2"}'),
      metadata: { contentType: 'application/json' },
    });
    expect(exporter.spans).toMatchObject([{ name: 'process executions', parent: undefined }]);
    expect(exporter.measurements).toEqual([]);
    expect(JSON.stringify(exporter.spans)).not.toContain('hunter2');
  });

  it('that died is about its operation too', async () => {
    const trigger = { ...executions, queueName: 'executions/$DeadLetterQueue' };
    expect((await invoke({ trigger, input: body, metadata })).exporter.spans[0]).toMatchObject({
      name: 'process executions/$DeadLetterQueue',
      parent: ofCaller,
    });
  });
});

it('a timer is a step of its own', async () => {
  const { exporter } = await invoke({ trigger: { type: 'timerTrigger', name: 'timer' }, input: {}, answer: async () => undefined });
  expect(exporter.spans).toMatchObject([{ name: 'under-test', kind: 'internal', parent: undefined }]);
});
