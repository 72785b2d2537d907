import { describe, expect, it } from 'vitest';
import { makeReadHealth, type Probe, type ProbeAnswer } from '../../shared/use-cases/read-health.ts';
import { makeLiteralClock } from '../support/literal-clock.ts';

const never = () => new Promise<never>(() => undefined);

function probe(name: string, check: () => Promise<ProbeAnswer>, isVital = true): Probe {
  return { name, isVital, check, nextStep: `Look after ${name}.` };
}

function reading(probes: readonly Probe[], pause: (ms: number) => Promise<void> = never) {
  const clock = makeLiteralClock('2026-11-21T20:12:00.000Z');
  return { clock, read: makeReadHealth({ probes, clock, pause }) };
}

describe('health', () => {
  it('is down where something vital is, with its code and what to do, and without its message', async () => {
    const away = Object.assign(new Error('account key AAAA'), { code: 'ECONNREFUSED' });
    const { read } = reading([probe('storage', () => Promise.reject(away)), probe('messages', async () => ({ status: 'up' }))]);
    expect(await read()).toEqual({
      status: 'down',
      checkedAt: '2026-11-21T20:12:00.000Z',
      dependencies: [
        { name: 'storage', status: 'down', latencyMs: 0, error: { code: 'ECONNREFUSED', message: 'Look after storage.' } },
        { name: 'messages', status: 'up', latencyMs: 0 },
      ],
    });
  });

  it('is up where only something else is down, or is not set up', async () => {
    const { read } = reading([
      probe('storage', async () => ({ status: 'up', latencyMs: 3 })),
      probe('telemetry', async () => ({ status: 'down', code: 'http429', latencyMs: 12 }), false),
      probe('vaults', async () => ({ status: 'off' })),
    ]);
    expect(await read()).toMatchObject({
      status: 'up',
      dependencies: [
        { name: 'storage', status: 'up', latencyMs: 3 },
        { name: 'telemetry', status: 'down', latencyMs: 12, error: { code: 'http429' } },
        { name: 'vaults', status: 'off' },
      ],
    });
  });

  it('waits for nobody longer than two seconds, and asks all at once', async () => {
    const asked: string[] = [];
    const asking = (name: string) =>
      probe(name, () => {
        asked.push(name);
        return never();
      });
    const waits: number[] = [];
    const { read } = reading([asking('storage'), asking('messages')], async (ms) => void waits.push(ms));
    expect((await read()).dependencies.map(({ error }) => error?.code)).toEqual(['Timeout', 'Timeout']);
    expect([asked, waits]).toEqual([['storage', 'messages'], [2_000]]);
  });

  it('is asked for once in five seconds, however many want to know', async () => {
    let asked = 0;
    const counting = probe('storage', async () => {
      asked += 1;
      return { status: 'up' };
    });
    const { clock, read } = reading([counting]);
    await Promise.all([read(), read(), read()]);
    clock.advanceMs(4_999);
    await read();
    expect(asked).toBe(1);
    clock.advanceMs(1);
    await read();
    expect(asked).toBe(2);
  });

  it('does not put a second question to what has not answered the first', async () => {
    let asked = 0;
    const silent = probe('storage', () => {
      asked += 1;
      return never();
    });
    const { clock, read } = reading([silent], async () => undefined);
    await read();
    clock.advanceMs(5_000);
    expect((await read()).status).toBe('down');
    expect(asked).toBe(1);
  });
});
