import { managedIdentities } from '../../infra/local/seed.ts';
import type { Evidence, Finding } from './evidence.ts';
import type { PlayedRequest } from './play-request.ts';

/** What is promised of values of secrets. */
export function auditSecrets(evidence: Evidence): readonly Finding[] {
  const ofSecrets = evidence.played.filter(({ secret }) => secret !== undefined);
  const each = (promise: string, judge: (played: PlayedRequest, evidence: Evidence) => readonly string[]): Finding => ({
    promise,
    breaches: ofSecrets.flatMap((played) => judge(played, evidence).map((problem) => `request ${played.index}: ${problem}`)),
  });
  return [
    each('a value is handed over once at most', handedTooOften),
    each('no value is read without the votes that it needs before it', readWithoutVotes),
    {
      promise: 'no value is anywhere but in Azure and its vaults',
      breaches: [...evidence.valuesSeen].map(([place, times]) => `in ${place}, ${times} times`),
    },
  ];
}

function handedTooOften({ ids, collected = [], secret }: PlayedRequest, { stored }: Evidence): readonly string[] {
  const events = ids.flatMap((id) => stored.get(id)?.events ?? []);
  const recorded = events.filter(({ detail }) => detail.kind === 'secretCollected').length;
  return [
    ...(collected.length > 1 ? [`its agent was given it ${collected.length} times`] : []),
    ...(recorded > 1 ? [`it is recorded ${recorded} times that it was given`] : []),
    ...(collected.length > recorded ? ['it was given, and that is not recorded'] : []),
    ...(collected.length > 0 && secret?.method !== 'reveal' ? ['it was given without being asked for'] : []),
    ...collected.filter((value) => value !== 'the value itself').map(() => 'something else was given'),
  ];
}

/** The identity that reads values reads no other than those that operations name, each of a secret that is its own. */
function readWithoutVotes({ ids, secret }: PlayedRequest, { stored, requests }: Evidence): readonly string[] {
  const path = new RegExp(`^/${secret?.vault}/secrets/${secret?.name}/[0-9a-f]{32}(?:\\?|$)`);
  const reads = requests.filter(
    ({ method, url, principalId, status }) =>
      method === 'GET' && status === 200 && principalId === managedIdentities.secrets.principalId && path.test(url),
  );
  const events = ids.flatMap((id) => stored.get(id)?.events ?? []);
  const decision = events.flatMap(({ detail }) => (detail.kind === 'decided' ? [detail.decision] : [])).at(-1);
  return reads.flatMap(({ receivedAt }) => {
    if (decision === undefined || decision.outcome === 'deny') return [`it was read at ${receivedAt} and that was never permitted`];
    if (decision.outcome === 'allow') return secret?.method === 'use' ? [] : [`it was read at ${receivedAt} and nobody was asked`];
    const approvals = events.filter(
      ({ at, detail }) => detail.kind === 'voteRecorded' && detail.vote.decision === 'approve' && Date.parse(at) <= Date.parse(receivedAt),
    ).length;
    const { required } = decision.requirements;
    return approvals >= required ? [] : [`it was read at ${receivedAt} with ${approvals} of ${required} approvals`];
  });
}
