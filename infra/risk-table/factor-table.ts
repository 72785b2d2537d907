import type { RiskRow, RowLevel } from '../../shared/domain/risk/rule.ts';
import { scriptFactors } from '../../shared/domain/risk/scripts/script-factors.ts';
import { secretUseRows } from '../../shared/domain/risk/secret-uses.ts';
import { generalRows, ruleTables } from '../../shared/domain/risk/tables.ts';
import { templateFactors } from '../../shared/domain/risk/template/template-factors.ts';
import { vaultSecretRules } from '../../shared/domain/risk/vault-secrets.ts';

const scriptRows: readonly RiskRow[] = Object.entries(scriptFactors).map(([code, factor]) => ({
  code,
  ...factor,
  raisedBy: 'a script that the request carries: bash, PowerShell, and the kubectl, az and SQL command lines in it',
}));

/** Every table whose rows can become a factor, by the title that people read. */
export const factorTables: readonly { readonly title: string; readonly rows: readonly RiskRow[] }[] = [
  ...Object.entries(ruleTables).map(([title, rows]) => ({ title, rows })),
  { title: 'Secrets of a vault', rows: [...vaultSecretRules, ...Object.values(secretUseRows)] },
  { title: 'Scripts', rows: scriptRows },
  { title: 'Templates', rows: templateFactors },
  { title: 'Production, and what nobody knows', rows: Object.values(generalRows) },
];

/** `shared/domain/risk/factors.md` as it should be: one row a code, in the order in which the tables are read. */
export function factorsDocument(): string {
  const parts = factorTables.map(({ title, rows }) => [`## ${title}`, '', ...tableOf(rows), ''].join('\n'));
  return [
    '# Factor codes',
    '',
    'Every factor that an assessment can have. Made from the rule tables by `npm run risk:table`; a test holds it to them. The worst factor is the level; where two levels',
    'are given, the first is that of production.',
    '',
    ...parts,
  ].join('\n');
}

function tableOf(rows: readonly RiskRow[]): readonly string[] {
  return [
    '| code | level | what people are told | what raises it |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ code, level, detail, raisedBy }) => `| \`${code}\` | ${levelText(level)} | ${cell(detail)} | ${cell(raisedBy)} |`),
  ];
}

const beginning = '<!-- factors: written by `npm run risk:table` -->';
const end = '<!-- end of factors -->';

/** `infra/policy/defaults.md` with its table of factors as it should be: each with its level and its sentence, for whoever reads all of them. Throws where there is no place for it. */
export function withFactors(document: string): string {
  const [before, rest] = document.split(beginning);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('The page has no place for the factors.');
  const rows = factorTables.flatMap(({ title, rows }) => [
    `| **${title}** | | |`,
    ...rows.map(({ code, level, detail }) => `| \`${code}\` | ${levelText(level)} | ${cell(detail)} |`),
  ]);
  return [
    `${before}${beginning}`,
    '',
    '| code | level | what people are told |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `${end}${after}`,
  ].join('\n');
}

function levelText(level: RowLevel): string {
  return typeof level === 'string' ? level : `${level.production} / ${level.nonProduction}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
