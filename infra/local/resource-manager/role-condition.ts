/** Which role an assignment gives to whom: as it is asked for (`request`), or as it stands (`resource`). */
export type GrantAttributes = { readonly roleId: string; readonly principalId: string };
export type ConditionFacts = { readonly request?: GrantAttributes | undefined; readonly resource?: GrantAttributes | undefined };

const guids = '\\{([0-9a-f-]{36}(?:, [0-9a-f-]{36})*)\\}';
const clauseShape = (action: string, source: string) =>
  new RegExp(
    `^\\(\\(!\\(ActionMatches\\{'Microsoft\\.Authorization/roleAssignments/${action}'\\}\\)\\) OR ` +
      `\\(${source}\\[Microsoft\\.Authorization/roleAssignments:RoleDefinitionId\\] ForAnyOfAnyValues:GuidEquals ${guids} AND ` +
      `${source}\\[Microsoft\\.Authorization/roleAssignments:PrincipalId\\] ForAnyOfAnyValues:GuidEquals ${guids}\\)\\)$`,
    'i',
  );
const writeClause = clauseShape('write', '@Request');
const deleteClause = clauseShape('delete', '@Resource');

/**
 * Whether an assignment's condition lets an action pass. Only conditions of one shape are understood, the documented one that limits the writing and the deleting of
 * role assignments to some roles and principals; any other lets nothing pass.
 * Source: learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples.
 */
export function letsPass(condition: string, action: string, facts: ConditionFacts): boolean {
  const [write, remove, ...more] = condition.split(/(?<=\)\)) AND (?=\(\(!)/);
  const limits = [writeClause.exec(write ?? ''), deleteClause.exec(remove ?? '')] as const;
  if (more.length > 0 || limits[0] === null || limits[1] === null) {
    return false;
  }
  switch (action.toLowerCase()) {
    case 'microsoft.authorization/roleassignments/write':
      return isWithin(limits[0], facts.request);
    case 'microsoft.authorization/roleassignments/delete':
      return isWithin(limits[1], facts.resource);
    default:
      return true;
  }
}

function isWithin([, roles = '', principals = '']: RegExpExecArray, given: GrantAttributes | undefined): boolean {
  return given !== undefined && listed(roles, given.roleId) && listed(principals, given.principalId);
}

function listed(list: string, id: string): boolean {
  return list.toLowerCase().split(', ').includes(id.toLowerCase());
}
