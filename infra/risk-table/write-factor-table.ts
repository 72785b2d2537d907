import { writeFileSync } from 'node:fs';
import { factorsDocument } from './factor-table.ts';

const help = `Writes shared/domain/risk/factors.md anew from the tables of the rules.

  npm run risk:table
`;

const [argument] = process.argv.slice(2);
if (argument === undefined) writeFileSync(new URL('../../shared/domain/risk/factors.md', import.meta.url), factorsDocument());
else {
  console.log(help);
  process.exitCode = argument === '--help' ? 0 : 2;
}
