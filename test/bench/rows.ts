import { pairedRatio } from './interleave.ts';
import { median } from './statistics.ts';

export const units = ['ms', '/s', 'MB/s', 'MB', 'KB', 'count', 'times'] as const;
export type Unit = (typeof units)[number];

/** What a figure is held against: the least that could be, measured in the same turns. */
export type Floor = { readonly is: string; readonly value: number /** How many times worse the figure is. */; readonly ratio: number };

/** One line of the table. */
export type Row = {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly floor?: Floor;
  /** What was aimed at, and whether it was met. */
  readonly aim?: { readonly is: string; readonly met: boolean };
};

/** A row about times of several turns, where less is better. */
export function timeRow(what: string, turns: readonly number[], floor?: { readonly is: string; readonly turns: readonly number[] }): Row {
  const row = { what, value: median(turns), unit: 'ms' } as const;
  if (floor === undefined) return row;
  return { ...row, floor: { is: floor.is, value: median(floor.turns), ratio: pairedRatio(turns, floor.turns) } };
}

/** A row about how much is done in a time, where more is better. */
export function rateRow(
  what: string,
  unit: '/s' | 'MB/s',
  turns: readonly number[],
  floor?: { readonly is: string; readonly turns: readonly number[] },
): Row {
  const row = { what, value: median(turns), unit } as const;
  if (floor === undefined) return row;
  return { ...row, floor: { is: floor.is, value: median(floor.turns), ratio: pairedRatio(floor.turns, turns) } };
}

/** The row with what was aimed at. */
export function aimed(row: Row, is: string, met: boolean): Row {
  return { ...row, aim: { is, met } };
}
