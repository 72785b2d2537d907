import { describe, expect, it } from 'vitest';
import { ArmPathError, parseArmPath } from '../../../../shared/domain/arm-path.ts';

describe('calls that carry other calls without being templates are no paths at all', () => {
  it.each([
    '/batch',
    '/BATCH',
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev/deployments/d',
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev/deployments/d/validate',
  ])('%s', (path) => {
    expect(() => parseArmPath(path)).toThrow(ArmPathError);
  });
});
