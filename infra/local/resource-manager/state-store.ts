import { z } from 'zod';
import { readIfPresent, writePrivately } from '../private-files.ts';
import { idKey } from './arm-path.ts';
import { jsonObject } from './json.ts';

const hiddenState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('storageAccount'), keys: z.tuple([z.string(), z.string()]) }),
  z.object({ kind: z.literal('virtualMachine'), powerState: z.enum(['starting', 'running', 'deallocating', 'deallocated']) }),
]);

const storedResource = z.object({
  /** As it was first written; comparisons ignore casing. */
  id: z.string(),
  type: z.string(),
  name: z.string(),
  /** What a client may set at the top level of the resource, and `properties` with what the service adds. */
  content: jsonObject,
  etag: z.string(),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  /** What the service knows and a GET does not show. */
  hidden: hiddenState,
});
export type StoredResource = z.infer<typeof storedResource>;
export type HiddenState = z.infer<typeof hiddenState>;

const operationKind = z.enum(['deleteResource', 'deleteGroup', 'writeResource', 'start', 'restart', 'deallocate', 'runCommand']);
export type OperationKind = z.infer<typeof operationKind>;

const storedOperation = z.object({
  id: z.uuid(),
  kind: operationKind,
  resourceId: z.string(),
  subscriptionId: z.string(),
  namespace: z.string(),
  location: z.string(),
  startedAt: z.iso.datetime(),
  /** When it ends; it has ended for every request that comes later, whether or not the process ran meanwhile. */
  dueAt: z.iso.datetime(),
  status: z.enum(['InProgress', 'Succeeded', 'Failed']),
  output: jsonObject.exactOptional(),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  /** The id of the fault that keeps it from ending until it is released. */
  stalledBy: z.string().exactOptional(),
  /** What it is to fail with when it is due, in place of its effect. */
  failsWith: z.object({ code: z.string(), message: z.string() }).exactOptional(),
});
export type StoredOperation = z.infer<typeof storedOperation>;

const stateFile = z.object({ version: z.literal(1), resources: z.array(storedResource), operations: z.array(storedOperation) });

export type StateChange = {
  readonly put?: readonly StoredResource[];
  /** Ids whose resources go, with everything below them. */
  readonly removeTrees?: readonly string[];
  readonly operations?: readonly StoredOperation[];
  /** Ids of operations that are forgotten. */
  readonly forget?: readonly string[];
};

export type StateStore = {
  readonly find: (id: string) => StoredResource | undefined;
  readonly all: () => readonly StoredResource[];
  readonly operation: (id: string) => StoredOperation | undefined;
  readonly operations: () => readonly StoredOperation[];
  /** The change is on disk before it is visible, and before this returns. Trees are removed before anything is put. */
  readonly commit: (change: StateChange) => void;
};

/** Opens the state kept in the file, or begins with the seed where there is none. */
export function openStateStore(path: string, seed: () => readonly StoredResource[]): StateStore {
  const text = readIfPresent(path);
  const kept = text === undefined ? undefined : stateFile.parse(JSON.parse(text));
  let resources: ReadonlyMap<string, StoredResource> = byKey(kept?.resources ?? seed());
  let operations: ReadonlyMap<string, StoredOperation> = new Map((kept?.operations ?? []).map((operation) => [operation.id, operation]));
  const save = (nextResources: typeof resources, nextOperations: typeof operations): void => {
    const state = { version: 1, resources: [...nextResources.values()], operations: [...nextOperations.values()] };
    writePrivately(path, JSON.stringify(state));
  };
  if (kept === undefined) {
    save(resources, operations);
  }
  return {
    find: (id) => resources.get(idKey(id)),
    all: () => [...resources.values()],
    operation: (id) => operations.get(id.toLowerCase()),
    operations: () => [...operations.values()],
    commit: (change) => {
      const nextResources = applyToResources(resources, change);
      const nextOperations = applyToOperations(operations, change);
      save(nextResources, nextOperations);
      resources = nextResources;
      operations = nextOperations;
    },
  };
}

/** Whether the id lies below the other, at any depth. */
export function isBelow(id: string, ancestorId: string): boolean {
  return idKey(id).startsWith(`${idKey(ancestorId)}/`);
}

function byKey(resources: readonly StoredResource[]): ReadonlyMap<string, StoredResource> {
  return new Map(resources.map((resource) => [idKey(resource.id), resource]));
}

function applyToResources(resources: ReadonlyMap<string, StoredResource>, change: StateChange): ReadonlyMap<string, StoredResource> {
  const goes = ({ id }: StoredResource): boolean =>
    (change.removeTrees ?? []).some((root) => idKey(id) === idKey(root) || isBelow(id, root));
  const kept = [...resources].filter(([, resource]) => !goes(resource));
  return new Map([...kept, ...byKey(change.put ?? [])]);
}

function applyToOperations(operations: ReadonlyMap<string, StoredOperation>, change: StateChange): ReadonlyMap<string, StoredOperation> {
  const kept = [...operations].filter(([id]) => !(change.forget ?? []).includes(id));
  return new Map([...kept, ...(change.operations ?? []).map((operation): [string, StoredOperation] => [operation.id, operation])]);
}
