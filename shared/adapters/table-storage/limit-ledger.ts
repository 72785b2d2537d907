import type { TableClient } from '@azure/data-tables';
import { z } from 'zod';
import { actionClasses } from '../../domain/action-class.ts';
import { digestOf } from '../../domain/digest.ts';
import type { LimitEntry } from '../../domain/limits.ts';
import { isOperationId, type OperationId } from '../../domain/operation.ts';
import type { AgentIdentity, Ledger, LedgerPage, LimitLedger } from '../../ports/limit-ledger.ts';
import { StoreError } from '../../ports/operation-store.ts';
import { asciiJson, checkSizes, type ReadRow, type TableRow, textColumns, textFromColumns } from './table-row.ts';
import { bounded, failureOf, storeErrorOf } from './translate-errors.ts';

const rowKeys: Readonly<Record<LedgerPage, string>> = { operations: 'ledger', assessments: 'assessments' };

/** Ledgers of limits in the table `limits`: a partition an agent with one row a page, replaced only while its ETag holds. */
export function makeTableLimitLedger({ tables }: { readonly tables: TableClient }): LimitLedger {
  return {
    read: async (agent, page) => {
      try {
        const row = await tables.getEntity(partitionOf(agent), rowKeys[page], bounded());
        return { entries: entriesFrom(row), version: row.etag };
      } catch (error) {
        if (failureOf(error) === 'absent') return { entries: [], version: undefined };
        throw storeErrorOf(error, 'reading what counts against limits');
      }
    },
    write: async (agent, page, previous, entries) => {
      const row = rowOf(agent, page, entries);
      checkSizes([row]);
      const version = await replace(tables, row, previous);
      return version === undefined ? 'conflict' : { entries, version };
    },
  };
}

/** The new version; undefined where somebody else was first, which may also be an earlier try of the SDK's own. */
async function replace(tables: TableClient, row: TableRow, { version }: Ledger): Promise<string | undefined> {
  try {
    const { etag } =
      version === undefined
        ? await tables.createEntity({ ...row }, bounded())
        : await tables.updateEntity({ ...row }, 'Replace', { etag: version, ...bounded() });
    return etag;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === 'exists' || failure === 'changed' || failure === 'absent') return undefined;
    throw storeErrorOf(error, 'writing what counts against limits');
  }
}

/** Subjects of other issuers may hold what keys may not. */
function partitionOf({ tenantId, objectId }: AgentIdentity): string {
  return digestOf({ tenantId, objectId }).slice('sha256:'.length);
}

/** Short, since it is written with every submission: id, class, time, whether it waits, when it ran and whether surely. */
const entryShape = z.union([
  z.tuple([z.string(), z.enum(actionClasses), z.int(), z.boolean()]),
  z.tuple([z.string(), z.enum(actionClasses), z.int(), z.boolean(), z.int(), z.boolean()]),
]);
const entriesShape = z.array(entryShape);

function rowOf(agent: AgentIdentity, page: LedgerPage, entries: readonly LimitEntry[]): TableRow {
  const tuples = entries.map(({ id, class: of, at, waits, ran }) => [
    id,
    of,
    at,
    waits,
    ...(ran === undefined ? [] : [ran.at, ran.surely]),
  ]);
  return {
    partitionKey: partitionOf(agent),
    rowKey: rowKeys[page],
    agent: asciiJson(`${agent.tenantId}/${agent.objectId}`),
    ...textColumns('entries', JSON.stringify(tuples)),
  };
}

function entriesFrom(row: ReadRow): readonly LimitEntry[] {
  const parsed = entriesShape.safeParse(parsedOrUndefined(textFromColumns('entries', row)));
  if (!parsed.success) throw new StoreError('corrupt', 'what counts against the limits of an agent cannot be read');
  return parsed.data.map(([id, of, at, waits, ranAt, surely]): LimitEntry => {
    const ran = ranAt === undefined || surely === undefined ? {} : { ran: { at: ranAt, surely } };
    return { id: operationId(id), class: of, at, waits, ...ran };
  });
}

function operationId(text: string): OperationId {
  if (!isOperationId(text)) throw new StoreError('corrupt', 'what counts against the limits of an agent is no operation');
  return text;
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
