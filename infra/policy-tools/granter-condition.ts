import { parseArgs } from 'node:util';
import { loadGrantableRoles } from '../../shared/adapters/policy-files/grantable-roles.ts';
import { granterCondition } from '../../shared/domain/access/assignment-condition.ts';

const help = `Prints the condition of the granter's role assignment (Role Based Access Control Administrator, condition version 2.0).

  node infra/policy-tools/granter-condition.ts --operator ID --secrets ID [--policies DIRECTORY]

ID is the object id of the identity of that tier. DIRECTORY holds grantable-roles.json; infra/policy unless another is given.
`;

const { values } = parseArgs({
  options: {
    operator: { type: 'string' },
    secrets: { type: 'string' },
    policies: { type: 'string', default: 'infra/policy' },
    help: { type: 'boolean', default: false },
  },
});
const { operator, secrets, policies } = values;
if (values.help) console.log(help);
else if (operator === undefined || secrets === undefined) {
  console.error(help);
  process.exitCode = 2;
} else {
  try {
    console.log(granterCondition(await loadGrantableRoles(policies), [operator, secrets]));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
