/**
 * Preloaded into Azurite's process. Azurite answers every query of entities by looking at all rows of the table, so that an operation takes longer
 * the more operations there are; Table Storage looks at the partition only where the filter names one (Azure Storage, "Design for querying").
 * Here Azurite does so too, for filters that are a conjunction of comparisons and begin with the partition. The whole filter still decides.
 */
import { createRequire } from 'node:module';

type Chain = { find(query: Readonly<Record<string, string>>): unknown };
type EntityCollection = { chain(): Chain };
type Store = {
  getEntityCollection(...place: readonly unknown[]): EntityCollection;
  queryTableEntities(context: unknown, account: string, table: string, options: { filter?: string }, ...from: readonly unknown[]): unknown;
};

const ofOnePartition = /^PartitionKey eq '((?:[^']|'')*)'(?: and [A-Za-z]\w* (?:eq|gt|ge|lt|le) '(?:[^']|'')*')*$/;

const { default: store }: { default: { prototype: Store } } = createRequire(import.meta.url)(
  'azurite/dist/src/table/persistence/LokiTableMetadataStore.js',
);
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
