import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadGrantableRoles } from '../../shared/adapters/policy-files/grantable-roles.ts';
import { documentContainerName, tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { directoryPermissions } from '../../shared/contracts/graph-permissions.ts';
import { queues, setAsideQueue } from '../../shared/contracts/queues.ts';
import { granterCondition } from '../../shared/domain/access/assignment-condition.ts';

const ownPolicies = fileURLToPath(new URL('../policy', import.meta.url));
/** What the templates load. */
export const constantsFile = fileURLToPath(new URL('constants.json', import.meta.url));

/** Stand for the identities that a deployment makes; no identity has such an id. */
const places = {
  '00000000-0000-0000-0000-000000000001': '{operator}',
  '00000000-0000-0000-0000-000000000002': '{secrets}',
} as const;

/** What the templates must have exactly as the code and a directory of policies have it, as the text of `constants.json`. */
export async function constantsText(policies = ownPolicies): Promise<string> {
  let condition = granterCondition(await loadGrantableRoles(policies), Object.keys(places));
  for (const [id, place] of Object.entries(places)) condition = condition.replaceAll(id, place);
  const constants = {
    about: 'Written by `npm run infra:constants` from the code, which is the source: change nothing here.',
    queues: [...queues, setAsideQueue],
    tables: tableNames,
    bodies: documentContainerName,
    directoryPermissions,
    granterCondition: condition,
  };
  return `${JSON.stringify(constants, null, 2)}\n`;
}

const help = `Writes infra/azure/constants.json, which the templates load: queues, tables, containers, permissions of the directory's identity, and the condition of the granter's role assignment.

  npm run infra:constants
`;

if (import.meta.main) {
  const [argument] = process.argv.slice(2);
  if (argument === undefined) {
    await writeFile(constantsFile, await constantsText());
    console.log('infra/azure/constants.json is written.');
  } else {
    console.log(help);
    process.exitCode = argument === '--help' ? 0 : 2;
  }
}
