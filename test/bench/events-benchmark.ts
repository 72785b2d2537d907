import { createHash } from 'node:crypto';
import { decodeEvent, encodeEvent } from '../../shared/contracts/stored-event.ts';
import { findChainFault } from '../../shared/domain/event-chain.ts';
import { approveDeletion, lastMessage, storedOf } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';
import type { Benchmark } from './benchmark.ts';
import { interleave, timesOf } from './interleave.ts';
import { rateRow } from './rows.ts';
import { median } from './statistics.ts';

const turns = 5;

/** The chain of an operation that was asked for, approved and executed, as an auditor's verifier reads it. */
export const eventsBenchmark: Benchmark = {
  name: 'events',
  about: 'events of an operation read and verified a second, beside JSON.parse and SHA-256 of the same bytes',
  run: async ({ size }) => {
    const world = makeWorld();
    const id = await approveDeletion(world);
    await world.execute(lastMessage(world, 'execute'));
    const { events } = await storedOf(world, id);
    const texts = events.map((event) => encodeEvent(event));
    const chains = size === 'quick' ? 20 : 200;
    const measured = await interleave(
      () =>
        timesOf(chains, () => {
          if (
            findChainFault(
              id,
              texts.map((text) => decodeEvent(text)),
            ) !== undefined
          )
            throw new Error('The chain does not hold.');
        }),
      () => timesOf(chains, () => texts.map((text) => [JSON.parse(text), createHash('sha256').update(text).digest('hex')])),
      turns,
    );
    const rate = (samples: readonly (readonly number[])[]) => samples.map((turn) => (1_000 * events.length) / median(turn));
    const floor = { is: 'JSON.parse and SHA-256', turns: rate(measured.floor) };
    return [rateRow(`verify events, ${events.length} of a deletion`, '/s', rate(measured.subject), floor)];
  },
};
