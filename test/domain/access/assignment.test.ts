import { describe, expect, it } from 'vitest';
import { assignmentCondition, granterCondition } from '../../../shared/domain/access/assignment-condition.ts';
import { assignmentName, grantDescription, grantOwnerIn } from '../../../shared/domain/access/assignment-name.ts';
import { tierOf } from '../../../shared/domain/access/tier-of.ts';
import type { Assessment } from '../../../shared/domain/assessment.ts';

const operationId = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
const guid = '66666666-6666-4666-8666-000000000002';

describe('the name of a role assignment', () => {
  it('is one for each attempt at each operation, and the same every time', () => {
    expect(assignmentName({ operationId, attempt: 1 })).toBe(assignmentName({ operationId, attempt: 1 }));
    expect(assignmentName({ operationId, attempt: 1 })).not.toBe(assignmentName({ operationId, attempt: 2 }));
    expect(assignmentName({ operationId, attempt: 1 })).not.toBe(
      assignmentName({ operationId: 'op_baaaaaaaaaaaaaaaaaaaaaaaaa', attempt: 1 }),
    );
  });
});

describe('a description', () => {
  it.each([
    '',
    'Countersign',
    `Countersign ${operationId}`,
    `Countersign ${operationId} attempt 0`,
    `Countersign ${operationId} attempt 1 and more`,
    `not Countersign ${operationId} attempt 1`,
    `Countersign op_A attempt 1`,
  ])('is not ours where it says "%s"', (text) => {
    expect(grantOwnerIn(text)).toBeUndefined();
  });

  it('names operation and attempt', () => {
    expect(grantDescription({ operationId, attempt: 2 })).toBe('Countersign op_aaaaaaaaaaaaaaaaaaaaaaaaaa attempt 2');
    expect(grantOwnerIn(grantDescription({ operationId, attempt: 2 }))).toEqual({ operationId, attempt: 2 });
  });
});

describe('a condition', () => {
  it.each([
    ['no role', { roleIds: [], principalIds: [guid] }],
    ['no principal', { roleIds: [guid], principalIds: [] }],
    ['what is no GUID', { roleIds: [`${guid}} OR {${guid}`], principalIds: [guid] }],
  ])('is not made of %s', (_, lists) => {
    expect(() => assignmentCondition(lists)).toThrow(RangeError);
  });
});

describe('the tier of a call', () => {
  const judged = (...codes: readonly string[]): Assessment => ({
    level: 'low',
    environment: 'production',
    factors: codes.map((code) => ({ code, level: 'low', detail: 'x' })),
  });

  it.each([
    ['GET', [], 'reader'],
    ['HEAD', [], 'reader'],
    ['GET', ['revealsSecrets'], 'secrets'],
    ['POST', ['mayRevealSecrets'], 'secrets'],
    ['POST', ['destroysData', 'replacesKeys'], 'secrets'],
    ['POST', [], 'operator'],
    ['PUT', ['exposesToInternet'], 'operator'],
    ['DELETE', ['destroysData'], 'operator'],
  ] as const)('%s with %j is %s', (method, codes, tier) => {
    expect(tierOf({ method }, judged(...codes))).toBe(tier);
  });
});

it('the condition of the granter names the grantable roles and the two identities, and nothing else', () => {
  const roles = [{ id: '17d1049b-9a84-46fb-8f53-869881c3d3ab' }, { id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7' }];
  const listed = '{17d1049b-9a84-46fb-8f53-869881c3d3ab, acdd72a7-3385-48ef-bd42-f606fba81ae7}';
  const both = (source: string) =>
    `(${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals ${listed} AND ` +
    `${source}[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {${guid}})`;
  expect(granterCondition(roles, [guid.toUpperCase()])).toBe(
    `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR ${both('@Request')}) AND ` +
      `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR ${both('@Resource')})`,
  );
});
