import type { OperationId } from '../../shared/domain/operation.ts';
import type { Ids } from '../../shared/ports/system.ts';

const digits = 'abcdefghijklmnopqrstuvwxyz';

/** Ids that are counted instead of drawn: `op_aaaaaaaaaaaaaaaaaaaaaaaaaa`, `op_baaa…`, and salts `salt-1`, `salt-2`. */
export function makeCountedIds(): Ids {
  let operations = 0;
  let salts = 0;
  return {
    operationId: (): OperationId => {
      const letter = digits[operations];
      if (letter === undefined) throw new RangeError('a test with that many operations should count them itself');
      operations += 1;
      return `op_${letter.padEnd(26, 'a')}`;
    },
    salt: () => {
      salts += 1;
      return `salt-${salts}`;
    },
  };
}
