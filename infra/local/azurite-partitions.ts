/**
 * Preloaded into Azurite's process. Azurite answers a query of entities by looking at all rows of the table, and finds one row by looking at all rows
 * with its row key, so that an operation takes longer the more operations there are; Table Storage looks at the partition only where it is named
 * (Azure Storage, "Design for querying"). Here Azurite does so too: by the partition before the row key, and for filters that are a conjunction of
 * comparisons and begin with the partition. The whole filter still decides.
 */
import { createRequire } from 'node:module';

type Chain = { find(query: Readonly<Record<string, string>>): unknown };
type EntityCollection = { chain(): Chain };
type Row = { readonly PartitionKey?: string };
type Collection = { findOne(row: Row): unknown };
type Store = {
  getEntityCollection(...place: readonly unknown[]): EntityCollection;
  queryTableEntities(context: unknown, account: string, table: string, options: { filter?: string }, ...from: readonly unknown[]): unknown;
};

const ofOnePartition = /^PartitionKey eq '((?:[^']|'')*)'(?: and [A-Za-z]\w* (?:eq|gt|ge|lt|le) '(?:[^']|'')*')*$/;

const requireOurs = createRequire(import.meta.url);
const requireAzurites = createRequire(requireOurs.resolve('azurite/package.json'));
const loki: { Collection: { prototype: Collection } } = requireAzurites('lokijs');
const { findOne } = loki.Collection.prototype;

/** What is named first is looked up in its index, and all rows found are compared with the rest. */
loki.Collection.prototype.findOne = function (this: Collection, { PartitionKey, ...rest }) {
  return findOne.call(this, PartitionKey === undefined ? rest : { PartitionKey, ...rest });
};

const { default: store }: { default: { prototype: Store } } = requireAzurites('./dist/src/table/persistence/LokiTableMetadataStore.js');
const { queryTableEntities } = store.prototype;

store.prototype.queryTableEntities = function (this: Store, context, account, table, options, ...from) {
  const partition = ofOnePartition.exec(options.filter ?? '')?.[1]?.replaceAll("''", "'");
  if (partition === undefined) return queryTableEntities.call(this, context, account, table, options, ...from);
  const view: Store = Object.create(this, {
    getEntityCollection: {
      value: (...place: readonly unknown[]) => {
        const collection = this.getEntityCollection(...place);
        return { chain: () => collection.chain().find({ PartitionKey: partition }) };
      },
    },
  });
  return queryTableEntities.call(view, context, account, table, options, ...from);
};
