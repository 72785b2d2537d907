import type { TableClient } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { type Digest, digestOfBytes, isDigest } from '../../domain/digest.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { OperationId } from '../../domain/operation.ts';
import { type DocumentName, type OperationDocument, StoreError } from '../../ports/operation-store.ts';
import type { Sealer } from '../../ports/sealer.ts';
import { type ReadRow, type TableRow, textColumns, textFromColumns } from './table-row.ts';
import { bounded, failureOf, storeErrorOf } from './translate-errors.ts';

/** Sealed documents up to this many bytes lie in their row, larger ones in a blob. */
export const largestInlineBytes = 48 * 1024;

/** More than any body that Azure Resource Manager takes or that is kept of its answers. */
export const largestDocumentBytes = 16 * 1024 * 1024;

export type DocumentStore = {
  /** The row to write for a document. Where it goes to a blob, that is written when this resolves; without its row nobody finds it. */
  prepare(id: OperationId, document: OperationDocument): Promise<TableRow>;
  read(id: OperationId, name: DocumentName): Promise<JsonValue | undefined>;
};

type Parts = { readonly tables: TableClient; readonly blobs: ContainerClient; readonly sealer: Sealer };

/** Sealed documents of operations. Throws {@link StoreError}. */
export function makeDocumentStore({ tables, blobs, sealer }: Parts): DocumentStore {
  return {
    prepare: async (id, { name, value }) => {
      const bytes = new TextEncoder().encode(canonicalJson(value));
      if (bytes.byteLength > largestDocumentBytes) throw new StoreError('tooLarge', `document ${name} of ${id} is too large`);
      const sealed = await attempt(`sealing ${name} of ${id}`, () => sealer.seal(id, name, bytes));
      const key = { partitionKey: id, rowKey: rowKeyOf(name) };
      if (sealed.length <= largestInlineBytes) return { ...key, place: 'row', ...textColumns('sealed', sealed) };
      const content = Buffer.from(sealed, 'ascii');
      const digest = digestOfBytes(content);
      await attempt(`writing ${name} of ${id}`, () => blobs.getBlockBlobClient(blobName(id, name, digest)).uploadData(content, bounded()));
      return { ...key, place: 'blob', digest, bytes: content.byteLength };
    },
    read: async (id, name) => {
      const row = await readRow(tables, id, name);
      if (row === undefined) return undefined;
      const sealed = await sealedText(blobs, id, name, row);
      const bytes = await attempt(`opening ${name} of ${id}`, () => sealer.open(id, name, sealed));
      const value: JsonValue = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      return value;
    },
  };
}

const documentRow = z.discriminatedUnion('place', [
  z.looseObject({ place: z.literal('row') }),
  z.looseObject({
    place: z.literal('blob'),
    digest: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
    bytes: z
      .int()
      .min(1)
      .max(2 * largestDocumentBytes),
  }),
]);

async function readRow(tables: TableClient, id: OperationId, name: DocumentName): Promise<ReadRow | undefined> {
  try {
    return await tables.getEntity(id, rowKeyOf(name), bounded());
  } catch (error) {
    if (failureOf(error) === 'absent') return undefined;
    throw storeErrorOf(error, `reading ${name} of ${id}`);
  }
}

async function sealedText(blobs: ContainerClient, id: OperationId, name: DocumentName, row: ReadRow): Promise<string> {
  const parsed = documentRow.safeParse(row);
  if (!parsed.success) throw new StoreError('corrupt', `the row of ${name} of ${id} is not one of ours`, { cause: parsed.error });
  if (parsed.data.place === 'row') return textFromColumns('sealed', parsed.data);
  const { digest, bytes } = parsed.data;
  const content = await download(blobs, blobName(id, name, digest), bytes, `reading ${name} of ${id}`);
  if (digestOfBytes(content) !== digest) throw new StoreError('corrupt', `the blob of ${name} of ${id} is not what was written`);
  return content.toString('ascii');
}

/** The row says that the blob was written before it, so that a missing one was taken away. */
async function download(blobs: ContainerClient, blob: string, bytes: number, doing: string): Promise<Buffer> {
  try {
    return await blobs.getBlobClient(blob).downloadToBuffer(0, bytes, bounded());
  } catch (error) {
    if (failureOf(error) === 'absent') throw new StoreError('corrupt', `${doing}: its blob is gone`, { cause: error });
    throw storeErrorOf(error, doing);
  }
}

/** Named by what is in it: writing it again, as the SDK does by itself after a lost answer, changes nothing. */
function blobName(id: OperationId, name: DocumentName, digest: Digest): string {
  return `${id}/${name}-${digest.slice('sha256:'.length)}`;
}

export function rowKeyOf(name: DocumentName): string {
  return `document-${name}`;
}

async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw storeErrorOf(error, doing);
  }
}
