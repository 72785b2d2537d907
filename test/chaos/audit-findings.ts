import type { Evidence, Finding } from './evidence.ts';

/** What people found out is recorded once for each of them, of what nobody knew, and of nothing else. */
export function auditFindings({ stored, reported }: Evidence): readonly Finding[] {
  const breaches = [...stored.values()].flatMap(({ id, events }) => {
    const recorded = events.flatMap(({ detail }) => (detail.kind === 'findingRecorded' ? [`${detail.by.id}: ${detail.found}`] : []));
    const said = (reported.said.get(id) ?? []).map(({ by, found }) => `${by}: ${found}`);
    const isSame = JSON.stringify(recorded.toSorted()) === JSON.stringify(said.toSorted());
    return isSame ? [] : [`${id}: people said ${said.join(', ') || 'nothing'}, and recorded is ${recorded.join(', ') || 'nothing'}`];
  });
  return [{ promise: 'what a person found out is recorded once', breaches: [...reported.surprises, ...breaches] }];
}
