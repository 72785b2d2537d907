import { appendFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { readIfPresent, writePrivately } from '../private-files.ts';
import { idKey } from './arm-path.ts';
import { jsonObject } from './json.ts';
import { pollStyle } from './long-running-styles.ts';

const hiddenState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('storageAccount'), keys: z.tuple([z.string(), z.string()]) }),
  /** What the vault was when it was deleted. */
  z.object({ kind: z.literal('deletedVault'), content: jsonObject }),
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

const operationKind = z.enum([
  'deleteResource',
  'deleteGroup',
  'writeResource',
  'start',
  'restart',
  'deallocate',
  'runCommand',
  'deploy',
  'whatIf',
  'moveResources',
]);
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
  /** Which headers lead to it. */
  pollStyle: pollStyle.default('both'),
  /** How often it is still asked about before it can end. */
  stepsLeft: z.int().nonnegative().default(0),
  /** What its `Location` says when it has succeeded. */
  resultStatus: z.union([z.literal(200), z.literal(204)]).default(200),
  /** Whether nobody finds it any more, though it goes on. */
  isForgotten: z.boolean().exactOptional(),
  output: jsonObject.exactOptional(),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  /** The id of the fault that keeps it from ending until it is released. */
  stalledBy: z.string().exactOptional(),
  /** What it is to fail with when it is due, in place of its effect. */
  failsWith: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  /** What a deployment does when it ends. */
  changes: z.object({ put: z.array(storedResource), removeTrees: z.array(z.string()) }).exactOptional(),
  /** What a move moves when it ends, and into which group. */
  move: z.object({ resources: z.array(z.string()), to: z.string() }).exactOptional(),
});
export type StoredOperation = z.infer<typeof storedOperation>;

const stateFile = z.object({ version: z.literal(1), resources: z.array(storedResource), operations: z.array(storedOperation) });

const stateChange = z.object({
  put: z.array(storedResource).readonly().exactOptional(),
  /** Ids whose resources go, with everything below them. */
  removeTrees: z.array(z.string()).readonly().exactOptional(),
  operations: z.array(storedOperation).readonly().exactOptional(),
  /** Ids of operations that are forgotten. */
  forget: z.array(z.string()).readonly().exactOptional(),
});
export type StateChange = z.infer<typeof stateChange>;

export type StateStore = {
  readonly find: (id: string) => StoredResource | undefined;
  readonly all: () => readonly StoredResource[];
  /** Those below the id, at any depth. */
  readonly below: (id: string) => readonly StoredResource[];
  readonly operation: (id: string) => StoredOperation | undefined;
  readonly operations: () => readonly StoredOperation[];
  /** The change is in the file before it is visible, and before this returns. Trees are removed before anything is put. */
  readonly commit: (change: StateChange) => void;
};

type State = { readonly resources: Map<string, StoredResource>; readonly operations: Map<string, StoredOperation> };

/**
 * Opens the state kept in the directory, or begins with the seed where there is none: `state.json`, and in `changes.ndjson` what changed since,
 * a change a line. Doing a change again changes nothing, so a crash between the two files does no harm; a last line that a crash tore is dropped.
 */
export function openStateStore(
  paths: { readonly state: string; readonly changes: string },
  seed: () => readonly StoredResource[],
): StateStore {
  const kept = readIfPresent(paths.state);
  const state = kept === undefined ? { resources: byKey(seed()), operations: new Map() } : parseState(kept);
  for (const change of readChanges(paths.changes)) {
    apply(change, state);
  }
  let foldAtBytes = fold(state, paths);
  let bytes = 0;
  return {
    find: (id) => state.resources.get(idKey(id)),
    all: () => [...state.resources.values()],
    below: (id) => below(state, id).map(([, resource]) => resource),
    operation: (id) => state.operations.get(id.toLowerCase()),
    operations: () => [...state.operations.values()],
    commit: (change) => {
      const line = `${JSON.stringify(change)}\n`;
      appendFileSync(paths.changes, line);
      apply(change, state);
      bytes += Buffer.byteLength(line);
      if (bytes > foldAtBytes) {
        foldAtBytes = fold(state, paths);
        bytes = 0;
      }
    },
  };
}

/** Whether the id lies below the other, at any depth. */
export function isBelow(id: string, ancestorId: string): boolean {
  return idKey(id).startsWith(`${idKey(ancestorId)}/`);
}

const leastFoldBytes = 1024 * 1024;

/** Writes the state whole and forgets the changes; the answer is how many bytes of changes make that worth while again. */
function fold({ resources, operations }: State, paths: { readonly state: string; readonly changes: string }): number {
  writePrivately(paths.state, JSON.stringify({ version: 1, resources: [...resources.values()], operations: [...operations.values()] }));
  writePrivately(paths.changes, '');
  return Math.max(leastFoldBytes, 2 * statSync(paths.state).size);
}

function parseState(text: string): State {
  const { resources, operations } = stateFile.parse(JSON.parse(text));
  return { resources: byKey(resources), operations: new Map(operations.map((operation) => [operation.id, operation])) };
}

function readChanges(path: string): readonly StateChange[] {
  const text = readIfPresent(path) ?? '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').filter((line) => line !== '');
  return lines.map((line) => stateChange.parse(JSON.parse(line)));
}

function below({ resources }: State, id: string): readonly [string, StoredResource][] {
  const prefix = `${idKey(id)}/`;
  return [...resources].filter(([key]) => key.startsWith(prefix));
}

function byKey(resources: readonly StoredResource[]): Map<string, StoredResource> {
  return new Map(resources.map((resource) => [idKey(resource.id), resource]));
}

function apply({ put = [], removeTrees = [], operations = [], forget = [] }: StateChange, state: State): void {
  for (const root of removeTrees) {
    for (const [key] of below(state, root)) {
      state.resources.delete(key);
    }
    state.resources.delete(idKey(root));
  }
  for (const resource of put) {
    state.resources.set(idKey(resource.id), resource);
  }
  for (const id of forget) {
    state.operations.delete(id);
  }
  for (const operation of operations) {
    state.operations.set(operation.id, operation);
  }
}
