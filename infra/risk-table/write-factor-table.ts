import { readFileSync, writeFileSync } from 'node:fs';
import { factorsDocument, withFactors } from './factor-table.ts';

const help = `Writes shared/domain/risk/factors.md, and the factors in infra/policy/defaults.md, anew from the tables of the rules.

  npm run risk:table
`;

const factors = new URL('../../shared/domain/risk/factors.md', import.meta.url);
const defaults = new URL('../policy/defaults.md', import.meta.url);

const [argument] = process.argv.slice(2);
if (argument === undefined) {
  writeFileSync(factors, factorsDocument());
  writeFileSync(defaults, withFactors(readFileSync(defaults, 'utf8')));
} else {
  console.log(help);
  process.exitCode = argument === '--help' ? 0 : 2;
}
