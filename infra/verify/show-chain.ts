import type { OperationEvent } from '../../shared/domain/event.ts';
import { printable } from '../policy-tools/printable.ts';
import { textTable } from '../policy-tools/text-table.ts';
import type { Link, LinkFault } from './verify-chain.ts';

const sentences: Readonly<Record<LinkFault, string>> = {
  gap: 'it does not follow the one before it: an event is missing, or the order was changed',
  wrongPrevious: 'it does not point to the hash of the one before it',
  wrongHash: 'its hash is that of something else: it was changed',
  foreign: 'it belongs to another operation',
  notAnEvent: 'it is no event that this version of Countersign knows',
};

/** A line for each event: whether it holds, sequence, time, kind, who, and the beginning of its hash. Nothing else that it says is shown. */
export function chainTable(links: readonly Link[]): string {
  return textTable(links.map(({ event, fault }) => [fault === undefined ? '✓' : '✗', ...cellsOf(event)]));
}

/** Where the chain breaks first, or that it holds, with its last hash. */
export function chainVerdict(operationId: string, links: readonly Link[]): string {
  const id = printable(operationId);
  const at = links.findIndex(({ fault }) => fault !== undefined);
  const fault = links[at]?.fault;
  if (fault !== undefined) {
    const sequence = links[at]?.event?.sequence;
    const place = sequence === undefined ? `line ${at + 1}` : `event ${sequence}${sequence === at + 1 ? '' : ` (line ${at + 1})`}`;
    return `✗ The chain of ${id} breaks at ${place}: ${sentences[fault]}.`;
  }
  const last = links.at(-1)?.event;
  if (last === undefined) return '✗ There are no events: nothing was verified.';
  return `✓ The chain of ${id} holds: ${links.length} event${links.length === 1 ? '' : 's'}, each hash recomputed. The last is ${last.hash}`;
}

function cellsOf(event: OperationEvent | undefined): readonly string[] {
  if (event === undefined) return ['?', '', 'not readable'];
  const { sequence, at, actor, detail, hash } = event;
  const who = actor.kind === 'countersign' ? `countersign/${actor.role}` : printable(actor.name);
  return [String(sequence).padStart(2), at, detail.kind, who, hash.slice('sha256:'.length, 'sha256:'.length + 12)];
}
