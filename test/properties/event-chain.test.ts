import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OperationEvent } from '../../shared/domain/event.ts';
import { appendToChain, findChainFault } from '../../shared/domain/event-chain.ts';
import { instant } from '../../shared/domain/instant.ts';
import { details, digestFilledWith, happening, operationId, otherOperationId } from '../domain/sample-operation.ts';
import { runs } from './runs.ts';

const chains = fc.array(fc.constantFrom(...Object.values(details)), { minLength: 2, maxLength: 10 }).map((chosen) =>
  appendToChain(
    operationId,
    undefined,
    chosen.map((detail) => happening(detail)),
  ),
);

const tamperings: readonly ((event: OperationEvent) => OperationEvent)[] = [
  (event) => ({ ...event, operationId: otherOperationId }),
  (event) => ({ ...event, sequence: event.sequence + 1 }),
  (event) => ({ ...event, at: instant('2026-11-21T20:21:00.001Z') }),
  (event) => ({ ...event, actor: { kind: 'countersign', role: 'executor' } }),
  (event) => ({
    ...event,
    detail: event.detail.kind === 'cancelled' ? { kind: 'expired', waitingFor: 'approval' } : { kind: 'cancelled' },
  }),
  (event) => ({ ...event, previousHash: digestFilledWith('f') }),
  (event) => ({ ...event, hash: digestFilledWith('f') }),
];

it('one change of one event, anywhere in any chain, is found', () => {
  fc.assert(
    fc.property(chains, fc.nat(), fc.constantFrom(...tamperings), (chain, at, tamper) => {
      const tampered = chain.map((event, index) => (index === at % chain.length ? tamper(event) : event));
      expect(findChainFault(operationId, tampered)).toBeDefined();
    }),
    runs,
  );
});

it('any other order, and any gap but at the end, is found', () => {
  fc.assert(
    fc.property(chains, fc.nat(), fc.nat(), (chain, one, other) => {
      const [from, to] = [one % chain.length, other % chain.length];
      const moved = chain.toSpliced(from, 1).toSpliced(to, 0, ...chain.slice(from, from + 1));
      if (from !== to) expect(findChainFault(operationId, moved)).toBeDefined();
      if (from < chain.length - 1) expect(findChainFault(operationId, chain.toSpliced(from, 1))).toBeDefined();
    }),
    runs,
  );
});

it('a chain that nobody touched has no fault, and neither has any beginning of it', () => {
  fc.assert(
    fc.property(chains, fc.nat(), (chain, length) => {
      expect(findChainFault(operationId, chain.slice(0, length % (chain.length + 1)))).toBeUndefined();
    }),
    runs,
  );
});
