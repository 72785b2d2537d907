import type { TableClient } from '@azure/data-tables';
import type { NoticeProgress } from '../../ports/notices.ts';
import { StoreError } from '../../ports/operation-store.ts';
import { bounded, failureOf, storeErrorOf } from './translate-errors.ts';

const rowKey = 'told';

/** How far receivers were told, in the table `notices`: one row an operation. Where two write at once the lower may win, which tells something twice. */
export function makeTableNoticeProgress({ tables }: { readonly tables: TableClient }): NoticeProgress {
  return {
    toldUpTo: async (id) => {
      try {
        const { upTo } = await tables.getEntity<{ readonly upTo: unknown }>(id, rowKey, bounded());
        if (typeof upTo !== 'number' || !Number.isInteger(upTo)) throw new StoreError('corrupt', `what was told of ${id} cannot be read`);
        return upTo;
      } catch (error) {
        if (failureOf(error) === 'absent') return 0;
        throw storeErrorOf(error, 'reading what was told');
      }
    },
    markTold: async (id, sequence) => {
      try {
        await tables.upsertEntity({ partitionKey: id, rowKey, upTo: sequence }, 'Replace', bounded());
      } catch (error) {
        throw storeErrorOf(error, 'noting what was told');
      }
    },
  };
}
