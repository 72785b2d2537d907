import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkPolicyFiles } from '../policy-tools/check-policies.ts';
import { problemText } from '../policy-tools/policy-problem.ts';
import { makePackage, writePackage } from './make-package.ts';

const help = `Makes the zip that is deployed to Azure Functions, and its bill of materials (CycloneDX) beside it.

  npm run package                     packages/countersign-VERSION.zip and .cdx.json, with the policies of infra/policy
  npm run package -- --out DIR        writes them there
  npm run package -- --policy DIR     with the policies, agents and groups of that directory

The same sources, dependencies and policies give the same bytes. Policies that are not sound are not packaged.
`;

async function main(args: readonly string[]): Promise<number> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const options = { out: { type: 'string' }, policy: { type: 'string' }, help: { type: 'boolean' } } as const;
  const { out, policy, help: wantsHelp } = parseArgs({ args: [...args], options }).values;
  if (wantsHelp === true) {
    console.log(help);
    return 0;
  }
  const policies = policy === undefined ? resolve(root, 'infra/policy') : resolve(policy);
  const problems = await checkPolicyFiles(policies);
  if (problems.length > 0) {
    console.error('Nothing was packaged: the policies are not sound.\n');
    for (const problem of problems) console.error(`  ${problemText(problem)}`);
    return 1;
  }
  const made = await makePackage({ policy: policies });
  const { zipPath, billPath } = await writePackage(made, out === undefined ? resolve(root, 'packages') : resolve(out));
  console.log(`${relative(process.cwd(), zipPath)}  ${(made.zip.length / 1024 / 1024).toFixed(1)} MiB`);
  console.log(`sha256 ${made.sha256}`);
  console.log(`${relative(process.cwd(), billPath)}  what is in it`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(
    isUsage ? `${error.message}\n\n${help}` : `Nothing was packaged: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
