import { describe, expect, it } from 'vitest';
import { makeTelemetry } from '../../../shared/adapters/telemetry/telemetry.ts';
import { makeRecordedExporter } from '../../support/recorded-exporter.ts';

const caller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const id = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
const step = { name: 'execute', kind: 'consumer' } as const;

function makeObserved() {
  const lines: string[] = [];
  const telemetry = makeTelemetry((level, line) => lines.push(`${level} ${line}`));
  return { telemetry, lines };
}

class Refused extends Error {
  readonly code = 'ECONNREFUSED';
}

describe('without an exporter', () => {
  it('a step does its work and gives what it gave', async () => {
    const { telemetry } = makeObserved();
    expect(await telemetry.during(step, async () => 7)).toBe(7);
    await expect(telemetry.during(step, () => Promise.reject(new Refused('at 10.0.0.1')))).rejects.toThrow('at 10.0.0.1');
    telemetry.measure([{ metric: 'countersign.denials', value: 1, attributes: {} }]);
    expect(telemetry.lastSending()).toBe('off');
    await telemetry.close(1_000);
  });

  it('what is caused goes on with the trace of the caller', async () => {
    const { telemetry } = makeObserved();
    expect(telemetry.traceparent()).toBeUndefined();
    expect(await telemetry.during({ ...step, parent: caller }, async () => telemetry.traceparent())).toBe(caller);
    expect(await telemetry.during({ ...step, parent: 'a trace of mine' }, async () => telemetry.traceparent())).toBeUndefined();
  });
});

describe('the log', () => {
  it('is one line of JSON each, which says what it is about', async () => {
    const { telemetry, lines } = makeObserved();
    await telemetry.during({ ...step, parent: caller }, async () => {
      telemetry.about(id);
      telemetry.log.warn('a claim was put off', { attempt: 2 });
    });
    telemetry.log.info('measured', { oldestWaitingSeconds: 0 });
    expect(lines).toEqual([
      `warn {"level":"warn","event":"a claim was put off","operationId":"${id}","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","attempt":2}`,
      'info {"level":"info","event":"measured","oldestWaitingSeconds":0}',
    ]);
  });

  it('goes to the invocation that writes it, and says nothing of the operation of another', async () => {
    const { telemetry, lines } = makeObserved();
    const ofFirst: string[] = [];
    const ofSecond: string[] = [];
    await Promise.all([
      telemetry.duringInvocation(
        (_, line) => ofFirst.push(line),
        step,
        async () => {
          telemetry.about(id);
          await Promise.resolve();
          telemetry.log.info('first');
        },
      ),
      telemetry.duringInvocation(
        (_, line) => ofSecond.push(line),
        step,
        async () => {
          await Promise.resolve();
          telemetry.log.info('second');
        },
      ),
    ]);
    expect([ofFirst, ofSecond, lines]).toEqual([
      [`{"level":"info","event":"first","operationId":"${id}"}`],
      ['{"level":"info","event":"second"}'],
      [],
    ]);
  });
});

describe('with an exporter', () => {
  async function makeExported() {
    const exporter = makeRecordedExporter();
    const observed = makeObserved();
    await observed.telemetry.exportThrough(async () => exporter);
    return { ...observed, exporter };
  }

  it('steps hang under the step around them, in the trace of the caller, and name the operation', async () => {
    const { telemetry, exporter } = await makeExported();
    await telemetry.during({ ...step, parent: caller }, async () => {
      await telemetry.during({ name: 'commit', kind: 'client' }, async ({ note }) => {
        telemetry.about(id);
        note({ outcome: 'committed' });
      });
    });
    const [commit, execute] = exporter.spans;
    expect(execute).toMatchObject({ name: 'execute', parent: caller, attributes: { 'countersign.operation.id': id }, failure: undefined });
    expect(commit).toMatchObject({
      name: 'commit',
      parent: execute?.traceparent,
      attributes: { outcome: 'committed', 'countersign.operation.id': id },
    });
  });

  it('of what goes wrong only the code is kept, or the name, never the message', async () => {
    const { telemetry, exporter } = await makeExported();
    const failing = (error: unknown) => telemetry.during(step, () => Promise.reject(error)).catch(() => undefined);
    await failing(new Refused('Password=hunter2'));
    await failing(new TypeError('Password=hunter2'));
    await failing('Password=hunter2');
    await failing(Object.assign(new Error('x'), { code: 'Password=hunter2' }));
    await telemetry.during(step, async ({ fail }) => fail('503'));
    expect(exporter.spans.map(({ failure }) => failure)).toEqual(['ECONNREFUSED', 'TypeError', 'string', 'Error', '503']);
  });

  it('an exporter that cannot be loaded is told of, and nothing else fails', async () => {
    const { telemetry, lines } = makeObserved();
    await telemetry.exportThrough(() => Promise.reject(new Refused('InstrumentationKey=1')));
    expect(await telemetry.during(step, async () => 7)).toBe(7);
    expect(lines).toEqual(['error {"level":"error","event":"telemetry could not be started","error":"ECONNREFUSED"}']);
    expect(telemetry.lastSending()).toBeUndefined();
  });

  it('ends in time though the exporter never does, and though it fails', async () => {
    for (const close of [() => new Promise<void>(() => undefined), () => Promise.reject(new Refused())]) {
      const { telemetry } = makeObserved();
      await telemetry.exportThrough(async () => makeRecordedExporter(undefined, close));
      await telemetry.close(1);
      expect(await telemetry.during(step, async () => 'still works')).toBe('still works');
    }
  });
});
