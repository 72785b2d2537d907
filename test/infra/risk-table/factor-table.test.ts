import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { factorsDocument, factorTables, withFactors } from '../../../infra/risk-table/factor-table.ts';
import { assess } from '../../../shared/domain/risk/assess.ts';
import { levelIn } from '../../../shared/domain/risk/rule.ts';
import { caseOf, readCorpus } from '../../domain/risk/corpus.ts';
import { unreadScripts } from '../../support/unread-scripts.ts';

const rows = factorTables.flatMap((table) => table.rows);

it('factors.md is what the tables say; `npm run risk:table` writes it anew', () => {
  const written = readFileSync(new URL('../../../shared/domain/risk/factors.md', import.meta.url), 'utf8');
  expect(written).toBe(factorsDocument());
});

it('the page about the default policies has every factor, and is read in ten minutes', () => {
  const page = readFileSync(new URL('../../../infra/policy/defaults.md', import.meta.url), 'utf8');
  expect(page).toBe(withFactors(page));
  const words = page.split(/\s+/).filter((part) => /[\p{L}\p{N}]/u.test(part));
  expect(words.length).toBeLessThanOrEqual(2500);
});

it('each code has one row', () => {
  const codes = rows.map(({ code }) => code);
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
});

it('each row has a sentence and says what raises it', () => {
  for (const { detail, raisedBy } of rows) {
    expect(detail).toMatch(/^[A-Z].*\.$/);
    expect(raisedBy).not.toBe('');
  }
});

it('every factor of the corpus is in it, with its level and its sentence', () => {
  const byCode = new Map(rows.map((row) => [row.code, row]));
  for (const row of readCorpus().flatMap((file) => file.rows)) {
    const { request, path, action, facts } = caseOf(row);
    const { factors, environment } = assess(request, path, action, facts, unreadScripts);
    for (const { code, level, detail, evidence } of factors) {
      const known = byCode.get(code);
      expect(known?.detail).toBe(detail);
      if (known !== undefined) expect(levelIn(known, environment)).toBe(level);
      expect(evidence).toMatch(/./);
    }
  }
});
