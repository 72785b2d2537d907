import { describe, expect, it } from 'vitest';
import { loadScriptReader } from '../../../../shared/adapters/tree-sitter/load-script-reader.ts';
import { riskRank } from '../../../../shared/domain/assessment.ts';
import { carrierRows, factorsOf, foundIn, scriptRows } from './script-corpus.ts';

const reader = await loadScriptReader();

describe.each([
  ['bash', 'bash'],
  ['bash', 'kubectl'],
  ['bash', 'az'],
  ['bash', 'sql'],
  ['bash', 'hidden'],
  ['bash', 'harmless'],
  ['powershell', 'powershell'],
  ['powershell', 'hidden-powershell'],
  ['powershell', 'harmless-powershell'],
] as const)('a script of %s, in the corpus %s', (language, name) => {
  it.each(scriptRows(name).map((row) => [row.what, row] as const))('%s', (_, row) => {
    expect(foundIn(reader, language, row.script)).toEqual(row.found.toSorted());
  });
});

describe('what is hidden in a script', () => {
  it('is found at all, whatever hides it', () => {
    const rows = [...scriptRows('hidden'), ...scriptRows('hidden-powershell')];
    expect(rows.filter(({ found }) => found.length === 0).map(({ what }) => what)).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(600);
  });
});

describe('a request that carries code', () => {
  const rows = carrierRows();

  it.each(rows.map((row) => [row.what, row] as const))('%s', (_, row) => {
    const factors = factorsOf(reader, row.method, row.path, row.json);
    expect(factors.map(({ code }) => code).toSorted()).toEqual(row.codes.toSorted());
    const evidence = Object.fromEntries(factors.map((factor) => [factor.code, factor.evidence]));
    for (const [code, part] of Object.entries(row.evidence)) expect(evidence[code]).toContain(part);
  });

  it('is never below high', () => {
    const levels = rows.flatMap((row) => factorsOf(reader, row.method, row.path, row.json).map(({ level }) => riskRank(level)));
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(riskRank('high'));
  });
});
