import { describe, expect, it } from 'vitest';
import { actionOf } from '../../shared/domain/action.ts';
import type { ArmMethod } from '../../shared/domain/arm-method.ts';
import { parseArmPath } from '../../shared/domain/arm-path.ts';

const sub = '/subscriptions/00000000-0000-0000-0000-000000000001';
const group = `${sub}/resourceGroups/rg`;
const vm = `${group}/providers/Microsoft.Compute/virtualMachines/vm`;

/** Source of the names: learn.microsoft.com/azure/role-based-access-control/resource-provider-operations. */
describe('the action of a call is called as in role definitions', () => {
  it.each<[ArmMethod, string, string]>([
    ['GET', vm, 'microsoft.compute/virtualmachines/read'],
    ['HEAD', vm, 'microsoft.compute/virtualmachines/read'],
    ['PUT', vm, 'microsoft.compute/virtualmachines/write'],
    ['PATCH', vm, 'microsoft.compute/virtualmachines/write'],
    ['DELETE', vm, 'microsoft.compute/virtualmachines/delete'],
    ['POST', `${vm}/restart`, 'microsoft.compute/virtualmachines/restart/action'],
    ['GET', `${group}/providers/Microsoft.Compute/virtualMachines`, 'microsoft.compute/virtualmachines/read'],
    ['PUT', `${vm}/extensions/script`, 'microsoft.compute/virtualmachines/extensions/write'],
    ['POST', `${group}/providers/Microsoft.Web/sites/app/config/appsettings/list`, 'microsoft.web/sites/config/list/action'],
    ['GET', '/subscriptions', 'microsoft.resources/subscriptions/read'],
    ['GET', sub, 'microsoft.resources/subscriptions/read'],
    ['GET', `${sub}/resourceGroups`, 'microsoft.resources/subscriptions/resourcegroups/read'],
    ['DELETE', group, 'microsoft.resources/subscriptions/resourcegroups/delete'],
    ['POST', `${group}/moveResources`, 'microsoft.resources/subscriptions/resourcegroups/moveresources/action'],
    ['GET', `${sub}/providers/Microsoft.Storage`, 'microsoft.resources/subscriptions/providers/read'],
    ['POST', `${sub}/providers/Microsoft.Storage/register`, 'microsoft.storage/register/action'],
    ['POST', '/providers/Microsoft.Authorization/elevateAccess', 'microsoft.authorization/elevateaccess/action'],
    ['PUT', `${vm}/providers/Microsoft.Authorization/roleAssignments/a`, 'microsoft.authorization/roleassignments/write'],
    ['DELETE', `${group}/providers/Microsoft.Authorization/locks/l`, 'microsoft.authorization/locks/delete'],
  ])('%s %s', (method, path, action) => {
    expect(actionOf(method, parseArmPath(path))).toBe(action);
  });
});
