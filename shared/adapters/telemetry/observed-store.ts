import { measurementsOf } from '../../domain/measurement.ts';
import type { Commit, OperationStore, StoredOperation } from '../../ports/operation-store.ts';
import type { Log } from '../../ports/system.ts';
import type { RunningStep, Telemetry } from '../../ports/telemetry.ts';

export type ObservingDeps = { readonly telemetry: Telemetry; readonly log: Log };

/**
 * A store whose commits are spans, and each of them, once it is known to be made, a line of the log and its measurements. Only whoever made a commit is told
 * `committed`, so that nothing is counted twice: not by a repeated message, nor by a host that lost a race.
 */
export function observeStore(store: OperationStore, { telemetry, log }: ObservingDeps): OperationStore {
  const observe = async <Outcome extends string>(
    before: StoredOperation | undefined,
    commit: Commit,
    write: () => Promise<Outcome>,
  ): Promise<Outcome> =>
    await telemetry.during({ name: 'commit operation', kind: 'client' }, async (running) => {
      const outcome = await write();
      running.note({ 'countersign.commit.outcome': outcome });
      if (outcome === 'committed') tellCommit(before, commit, running);
      return outcome;
    });

  const tellCommit = (before: StoredOperation | undefined, commit: Commit, running: RunningStep) => {
    const { operation, events } = commit;
    const status = operation.status;
    running.note({ 'countersign.operation.status': status });
    log.info('operation committed', {
      operationId: operation.id,
      status,
      risk: operation.assessment.level,
      sequence: operation.head.sequence,
      events: events.map(({ detail }) => detail.kind).join(','),
    });
    telemetry.measure(measurementsOf(before, commit));
  };

  return {
    create: async (commit) => {
      telemetry.about(commit.operation.id);
      return await observe(undefined, commit, () => store.create(commit));
    },
    append: async (previous, commit) => {
      telemetry.about(commit.operation.id);
      return await observe(previous, commit, () => store.append(previous, commit));
    },
    read: (id) => store.read(id),
    readDocument: (id, name) => store.readDocument(id, name),
  };
}
