import type { TableClient } from '@azure/data-tables';
import { digestOf } from '../../domain/digest.ts';
import type { StrayMessage, StrayMessages } from '../../ports/dead-letters.ts';
import { asciiJson, type TableRow } from './table-row.ts';
import { bounded, failureOf, storeErrorOf } from './translate-errors.ts';

/**
 * Stray messages in the table `strayMessages`, a partition a queue. Recording one again keeps what was recorded first. Throws StoreError.
 * Message ids and reasons are hostile, so that keys are made of digests and rare characters are escaped.
 */
export function makeTableStrayMessages({ tables }: { readonly tables: TableClient }): StrayMessages {
  return {
    record: async (message) => {
      try {
        await tables.createEntity({ ...rowOf(message) }, bounded());
      } catch (error) {
        if (failureOf(error) !== 'exists') throw storeErrorOf(error, 'recording a stray message');
      }
    },
  };
}

const longestText = 4096;

function rowOf({ queue, messageId, reason, bodyDigest, seenAt }: StrayMessage): TableRow {
  return {
    partitionKey: queue.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 300),
    rowKey: digestOf({ queue: asciiJson(queue), messageId: asciiJson(messageId), bodyDigest: asciiJson(bodyDigest) }).slice(
      'sha256:'.length,
    ),
    queue: readable(queue),
    messageId: readable(messageId),
    reason: readable(reason),
    bodyDigest: readable(bodyDigest),
    seenAt: readable(seenAt),
  };
}

/** Printable, and not without saying so shorter than it was. */
function readable(text: string): string {
  const ascii = asciiJson(text);
  return ascii.length <= longestText ? ascii : `${ascii.slice(0, longestText)} … ${ascii.length - longestText} more characters`;
}
