import type { Operation, OperationId } from '../../shared/domain/operation.ts';
import type { Announcement, Purpose } from '../../shared/ports/announcer.ts';
import type { StoredOperation } from '../../shared/ports/operation-store.ts';
import type { CastVote, VotingCaller } from '../../shared/use-cases/record-vote.ts';
import type { Submission } from '../../shared/use-cases/submit-operation.ts';
import { agentCaller, anna, deployAgent } from './cast.ts';
import type { World } from './world.ts';

export const subscription = '/subscriptions/00000000-0000-4000-8000-000000000001';
export const resourceGroup = `${subscription}/resourceGroups/rg-shop`;
export const account = `${resourceGroup}/providers/microsoft.storage/storageaccounts/stshop`;

/** The account as it stands, in production. */
export const accountState = { name: 'stshop', tags: { environment: 'prod' }, properties: { provisioningState: 'Succeeded' } };

type SubmissionChanges = Partial<Omit<Submission, 'target'>> & { readonly target?: Partial<Submission['target']> };

/** A submission to read the account, which is low risk wherever it is, with whatever a test changes. */
export function readAccount({ target, ...changes }: SubmissionChanges = {}): Submission {
  return {
    target: { method: 'GET', path: account, apiVersion: '2024-01-01', query: {}, headers: {}, body: undefined, ...target },
    justification: 'The shop moves to another account.',
    repeatabilityId: undefined,
    clientRequestId: undefined,
    traceparent: undefined,
    ...changes,
  };
}

/** A submission to delete the account, which the policies let nobody do without an approval. */
export function deleteAccount({ target, ...changes }: SubmissionChanges = {}): Submission {
  return readAccount({ ...changes, target: { method: 'DELETE', ...target } });
}

/** Puts the account and what holds it into the world's Azure. */
export function standAccount(world: World): void {
  world.azure.set(account, accountState);
  world.azure.set(resourceGroup, { tags: {} });
  world.azure.set(subscription, { tags: {} });
}

/** The one message of a purpose that was announced last. */
export function lastMessage(world: World, purpose: Purpose): Announcement {
  const message = world.announcer.announced.findLast((announcement) => announcement.purpose === purpose);
  if (message === undefined) throw new RangeError(`nothing announced ${purpose}`);
  return message;
}

/** The operation as it is stored, read past every planned interruption. */
export async function storedOf(world: World, id: OperationId): Promise<StoredOperation> {
  const stored = await world.store.read(id);
  if (stored === undefined) throw new RangeError(`nothing is stored under ${id}`);
  return stored;
}

export async function operationOf(world: World, id: OperationId): Promise<Operation> {
  return (await storedOf(world, id)).operation;
}

/** The kinds of its events, in order. */
export async function kindsOf(world: World, id: OperationId): Promise<readonly string[]> {
  return (await storedOf(world, id)).events.map((event) => event.detail.kind);
}

/** A person who votes, with the groups that the directory says the person is in now. */
export function voterOf(person: { readonly id: string; readonly name: string }, groups: readonly string[] = ['approvers']): VotingCaller {
  return { kind: 'person', ...person, groups };
}

/** A vote for exactly what is shown now. */
export async function voteFor(world: World, id: OperationId, changes: Partial<CastVote> = {}): Promise<CastVote> {
  const { shown } = await operationOf(world, id);
  return { operationId: id, decision: 'approve', digest: shown?.approvalDigest ?? '', reason: '', channel: 'teams', ...changes };
}

/** An operation that deletes the account, previewed and waiting for votes. */
export async function waitForVotes(world: World, changes: SubmissionChanges = {}): Promise<OperationId> {
  standAccount(world);
  const { id } = await world.submit(agentCaller(deployAgent), deleteAccount(changes));
  await world.requestApproval(lastMessage(world, 'requestApproval'));
  return id;
}

/** The same, approved by Anna and announced for execution. */
export async function approveDeletion(world: World, changes: SubmissionChanges = {}): Promise<OperationId> {
  const id = await waitForVotes(world, changes);
  await world.recordVote(voterOf(anna), await voteFor(world, id));
  return id;
}
