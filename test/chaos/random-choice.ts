import { makeSeededRandom } from '../../infra/local/seeded-random.ts';

export type Dice = {
  /** In [0, 1). */
  readonly draw: () => number;
  readonly oneOf: <Choice>(choices: readonly [Choice, ...Choice[]]) => Choice;
  /** A whole number from `least` to `most`. */
  readonly between: (least: number, most: number) => number;
  /** By weight. */
  readonly weighted: <Name extends string>(weights: readonly (readonly [Name, number])[]) => Name;
};

/** Chance that is the same for the same seed; each purpose has dice of its own, so that none of them disturbs another. */
export function makeDice(seed: number, purpose: string): Dice {
  const draw = makeSeededRandom([...purpose].reduce((mixed, letter) => Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193), seed | 0));
  return {
    draw,
    oneOf: (choices) => choices[Math.floor(draw() * choices.length)] ?? choices[0],
    between: (least, most) => least + Math.floor(draw() * (most - least + 1)),
    weighted: (weights) => {
      let left = draw() * weights.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of weights) {
        left -= weight;
        if (left < 0) return name;
      }
      throw new RangeError('no weight is positive');
    },
  };
}
