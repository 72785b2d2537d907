import { StoreError } from '../../ports/operation-store.ts';

/** A row as it is written; texts and whole numbers are all that we store. */
export type TableRow = { readonly partitionKey: string; readonly rowKey: string; readonly [column: string]: string | number };

/** A row as it was read, before anything in it is believed. */
export type ReadRow = Readonly<Record<string, unknown>>;

/** A text property holds 32,768 UTF-16 units at most; some room is left. Source: learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model. */
export const longestColumn = 30_000;

const maxRowBytes = 1024 * 1024;
const maxTransactionBytes = 4 * 1024 * 1024;
const maxColumns = 252;

/** What a row adds to a transaction's body besides its own JSON: boundaries, request line and headers, generously. */
const rowOverheadBytes = 1024;

/** A text of any length as columns `name000`, `name001`, … and their number, without which a lost column would go unnoticed. */
export function textColumns(name: string, text: string): Record<string, string | number> {
  const columns: Record<string, string | number> = { [`${name}Columns`]: Math.ceil(text.length / longestColumn) };
  for (let at = 0; at < text.length; at += longestColumn) {
    columns[columnName(name, at / longestColumn)] = text.slice(at, at + longestColumn);
  }
  return columns;
}

/** The text that {@link textColumns} laid out. Throws {@link StoreError} `corrupt` where a column is missing or no text. */
export function textFromColumns(name: string, row: ReadRow): string {
  const count = row[`${name}Columns`];
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > maxColumns) throw corrupt(row);
  return Array.from({ length: count }, (_, index) => {
    const column = row[columnName(name, index)];
    if (typeof column !== 'string') throw corrupt(row);
    return column;
  }).join('');
}

/** JSON text in printable ASCII only, the same JSON value: what a store makes of rare characters then does not matter. */
export function asciiJson(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Refuses what Table Storage would refuse, which emulators do not. Throws {@link StoreError} `tooLarge`. */
export function checkSizes(rows: readonly TableRow[]): void {
  for (const row of rows) {
    if (Object.keys(row).length > maxColumns || rowBytes(row) > maxRowBytes) {
      throw new StoreError('tooLarge', `row ${row.rowKey} is larger than a table takes`);
    }
  }
  const body = rows.reduce((sum, row) => sum + Buffer.byteLength(JSON.stringify(row)) + rowOverheadBytes, 0);
  if (body > maxTransactionBytes || rows.length > 100) throw new StoreError('tooLarge', 'a transaction is larger than a table takes');
}

/** Size as Table Storage counts it. Source: learn.microsoft.com/archive/blogs/avkashchauhan/how-the-size-of-an-entity-is-caclulated-in-windows-azure-table-storage. */
function rowBytes(row: TableRow): number {
  const columns = Object.entries(row).map(([name, value]) => 8 + name.length * 2 + (typeof value === 'string' ? 4 + value.length * 2 : 8));
  return columns.reduce((sum, bytes) => sum + bytes, 4);
}

function columnName(name: string, index: number): string {
  return `${name}${String(index).padStart(3, '0')}`;
}

function corrupt(row: ReadRow): StoreError {
  return new StoreError('corrupt', `row ${String(row['rowKey'])} of ${String(row['partitionKey'])} is not complete`);
}
