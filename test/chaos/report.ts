import { textTable } from '../../infra/policy-tools/text-table.ts';
import { operationStatuses } from '../../shared/domain/operation.ts';
import { leftoversRemoved, rightsGiven } from './audit-rights.ts';
import type { Evidence, Finding } from './evidence.ts';
import { kinds } from './kinds.ts';

export type RunFacts = {
  readonly seed: number;
  readonly operations: number;
  readonly seconds: { readonly load: number; readonly quiet: number; readonly audit: number };
  /** What was done to the system, and how often. */
  readonly disturbances: Readonly<Record<string, number>>;
  readonly answers: ReadonlyMap<number, number>;
  /** Messages that nobody could handle, and that a person sent again in the end. */
  readonly sentAgain: number;
};

const examplesShown = 5;

/** Kinds by ends, how often each was; requests whose operation nobody knows count as lost. */
export function endsByKind({ played, stored }: Evidence): readonly (readonly string[])[] {
  const ends = operationStatuses.filter((status) => [...stored.values()].some(({ operation }) => operation?.status === status));
  const rows = kinds.map((kind) => {
    const statuses = played
      .filter((request) => request.kind === kind)
      .map(({ ids }) => stored.get(ids[0] ?? '')?.operation?.status ?? 'lost');
    return [kind, String(statuses.length), ...ends.map((end) => String(statuses.filter((status) => status === end).length))];
  });
  return [['kind', 'requests', ...ends], ...rows];
}

export function reportText(evidence: Evidence, findings: readonly Finding[], facts: RunFacts): string {
  const { load, quiet, audit } = facts.seconds;
  const answers = [...facts.answers].toSorted(([left], [right]) => left - right);
  const promises = findings.map(({ promise, breaches }) => [promise, String(breaches.length)]);
  const examples = findings.flatMap(({ promise, breaches }) =>
    breaches.slice(0, examplesShown).map((breach) => `  ${promise}: ${breach.slice(0, 300)}`),
  );
  return [
    textTable(endsByKind(evidence)),
    textTable([['disturbance', 'times'], ...Object.entries(facts.disturbances).map(([name, times]) => [name, String(times)])]),
    textTable([
      ['what else there was', 'times'],
      ['rights given for one attempt', String(rightsGiven(evidence.requests))],
      ['rights that outlived their operation, removed by the check', String(leftoversRemoved(evidence.stored))],
      ['operations of which people found out what came of them', String(evidence.reported.said.size)],
      ['messages that were set aside, sent again by a person', String(facts.sentAgain)],
      ['values that agents were handed', String(evidence.played.flatMap(({ collected = [] }) => collected).length)],
    ]),
    textTable([
      ['answer to agents and people', 'times'],
      ...answers.map(([status, times]) => [status === 0 ? 'none' : String(status), String(times)]),
    ]),
    textTable([['promise', 'breaches'], ...promises]),
    ...(examples.length === 0 ? [] : [examples.join('\n')]),
    `${facts.operations} operations, seed ${facts.seed}: ${load.toFixed(0)} s under load (${(facts.operations / load).toFixed(1)} a second), ${quiet.toFixed(0)} s until all was quiet, ${audit.toFixed(0)} s for the audit.`,
  ].join('\n\n');
}
