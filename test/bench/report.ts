import { textTable } from '../../infra/policy-tools/text-table.ts';
import { type Machine, machineText } from './machine.ts';
import type { Row } from './rows.ts';

export type BenchResult =
  | { readonly name: string; readonly seconds: number; readonly rows: readonly Row[] }
  | { readonly name: string; readonly seconds: number; readonly failure: string };

const widest = 100;

/** The table of all results, with the machine above it. */
export function resultText(machine: Machine, results: readonly BenchResult[]): string {
  const head = ['what', 'result', 'floor', 'ratio', 'the floor is', 'aim'];
  const lines = results.flatMap((result) =>
    'failure' in result ? [[result.name, 'FAILED', '', '', result.failure.split('\n')[0] ?? '', '']] : result.rows.map(cellsOf),
  );
  return `${machineText(machine)}\n\n${textTable([head, ...lines], widest)}`;
}

export function resultJson(machine: Machine, results: readonly BenchResult[]): string {
  return JSON.stringify({ machine, results }, null, 2);
}

function cellsOf({ what, value, unit, floor, aim }: Row): readonly string[] {
  const measured = (number: number) => (unit === 'count' ? String(number) : `${figure(number)} ${unit}`);
  const held = aim === undefined ? '' : `${aim.is}: ${aim.met ? 'met' : 'missed'}`;
  if (floor === undefined) return [what, measured(value), '', '', '', held];
  return [what, measured(value), measured(floor.value), `${figure(floor.ratio)} x`, floor.is, held];
}

/** Three digits that count; what is smaller than a thousandth says no more than that. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(3);
}
