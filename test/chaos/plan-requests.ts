import type { Target } from '../support/api-client.ts';
import type { Kind } from './kinds.ts';
import { type Dice, makeDice } from './random-choice.ts';
import { aimOf, type SecretAim } from './targets.ts';

/** How an agent asks: once; again when it was answered already; or several times at once, as one that lost its patience does. */
export type Nervousness = 'calm' | 'asksAgain' | 'asksAtOnce';

export type PlannedRequest = {
  /** From 1. */
  readonly index: number;
  readonly kind: Kind;
  readonly agent: 'deploy-agent' | 'audit-agent';
  /** Undefined where a secret is aimed at. */
  readonly target: Target | undefined;
  /** The secret that it is about, or that it names. */
  readonly secret?: SecretAim;
  /** What must exist in Azure before it is asked for. */
  readonly needs: Target | undefined;
  readonly repeatabilityId: string;
  readonly nervousness: Nervousness;
  /** What people do about it, where they are asked. */
  readonly people: 'approve' | 'reject' | 'nothing';
  readonly cancels: boolean;
};

const weights: readonly (readonly [Kind, number])[] = [
  ['read', 20],
  ['put', 14],
  ['putInProduction', 8],
  ['delete', 14],
  ['deleteMachine', 7],
  ['restartMachine', 6],
  ['runCommand', 10],
  ['rejected', 6],
  ['unanswered', 4],
  ['cancelled', 6],
  ['denied', 5],
  ['setSecret', 5],
  ['deleteSecret', 4],
  ['recoverSecret', 4],
  ['revealSecret', 6],
  ['useSecret', 6],
];

/** So many requests as are asked for; the same for the same seed. */
export function planRequests(count: number, seed: number): readonly PlannedRequest[] {
  const dice = makeDice(seed, 'requests');
  return Array.from({ length: count }, (_, place) => planOne(place + 1, seed, dice));
}

function planOne(index: number, seed: number, dice: Dice): PlannedRequest {
  const kind = dice.weighted(weights);
  const nervousness = dice.weighted<Nervousness>([
    ['calm', 60],
    ['asksAgain', 25],
    ['asksAtOnce', 15],
  ]);
  return {
    index,
    kind,
    agent: kind === 'denied' ? 'audit-agent' : 'deploy-agent',
    ...aimOf(kind, index, dice),
    repeatabilityId: `chaos-${seed}-${index}`,
    nervousness,
    people: kind === 'rejected' ? 'reject' : kind === 'unanswered' ? 'nothing' : 'approve',
    cancels: kind === 'cancelled',
  };
}
