import type { ContainerStyle, TextColor } from '@microsoft/teams.cards';
import { approvalsReceived } from '../../domain/approval.ts';
import { parseArmCall } from '../../domain/arm-call.ts';
import type { RiskLevel } from '../../domain/assessment.ts';
import type { SecretTargetSummary, TargetSummary } from '../../domain/event.ts';
import type { Instant } from '../../domain/instant.ts';
import type { Executing, Operation } from '../../domain/operation.ts';

/** Where an operation stands, in words that need no manual at night. */
export type Headline = { readonly title: string; readonly style: ContainerStyle; readonly note: string | undefined };

export function headlineOf(operation: Operation): Headline {
  switch (operation.status) {
    case 'awaitingApproval':
      return awaiting(operation);
    case 'approved':
      return { title: 'Approved, about to run', style: 'accent', note: undefined };
    case 'executing':
      return running(operation);
    case 'succeeded':
      return { title: 'Done', style: 'good', note: operation.detail };
    case 'failed':
      return { title: 'Failed', style: 'attention', note: operation.detail };
    case 'outcomeUnknown':
      return { title: 'Outcome unknown: look at the target', style: 'attention', note: operation.detail };
    case 'denied':
      return { title: 'Stopped, nothing was sent to Azure', style: 'attention', note: operation.detail };
    case 'rejected':
      return { title: 'Rejected', style: 'attention', note: undefined };
    case 'expired':
      return { title: 'Expired, nothing was sent to Azure', style: 'emphasis', note: operation.detail };
    case 'cancelled':
      return { title: 'Withdrawn by the agent', style: 'emphasis', note: operation.detail };
  }
}

function running({ phase }: Executing): Headline {
  if (phase !== 'readingBack') return { title: 'Approved and running', style: 'accent', note: 'Azure is being asked now.' };
  return {
    title: 'Approved, outcome in doubt',
    style: 'warning',
    note: 'The answer from Azure was lost. What became of the call is being looked for.',
  };
}

function awaiting(operation: Operation): Headline {
  if (operation.shown === undefined) return { title: 'Being prepared for approval', style: 'emphasis', note: undefined };
  const style = styleOfRisk[operation.assessment.level];
  const received = approvalsReceived(operation.votes);
  if (received === 0) return { title: 'Your approval is needed', style, note: undefined };
  const { decision } = operation;
  const missing = decision.outcome === 'requireApproval' ? decision.requirements.required - received : 0;
  return { title: missing > 1 ? `${missing} more approvals are needed` : 'One more approval is needed', style, note: undefined };
}

const styleOfRisk: Readonly<Record<RiskLevel, ContainerStyle>> = {
  low: 'accent',
  medium: 'accent',
  high: 'warning',
  critical: 'attention',
};

/** Red or nothing: the yellow of Warning cannot be read on white. */
export const colourOfRisk: Readonly<Record<RiskLevel, TextColor>> = {
  low: 'Default',
  medium: 'Default',
  high: 'Attention',
  critical: 'Attention',
};

/** What the agent wants, as the end of a sentence that starts with the agent's name: `delete` + the target. */
export function intentOf(target: TargetSummary): string {
  if (target.kind === 'keyvaultSecret') return secretIntent(target);
  switch (target.method) {
    case 'GET':
      return 'read';
    case 'HEAD':
      return 'check whether there is';
    case 'PUT':
      return 'create or replace';
    case 'PATCH':
      return 'change';
    case 'DELETE':
      return 'delete';
    case 'POST':
      return `run "${actionWords(target)}" on`;
  }
}

function actionWords({ method, path }: TargetSummary): string {
  const { verb, alsoRead, canonical } = parseArmCall(method, path);
  return alsoRead === undefined ? (verb ?? 'an action') : canonical.split('/').slice(-2).join('/');
}

function secretIntent({ method, revealTo }: SecretTargetSummary): string {
  switch (method) {
    case 'list':
      return 'list the secrets of the vault';
    case 'get':
      return revealTo === undefined ? 'read the properties of the secret' : 'be given the value of the secret';
    case 'set':
      return 'set a new value of the secret';
    case 'delete':
      return 'delete the secret';
    case 'recover':
      return 'recover the deleted secret';
    case 'purge':
      return 'destroy the deleted secret for good';
  }
}

/** The parts of a target's path that people know it by. */
export type TargetWords = {
  readonly name: string;
  readonly type: string;
  readonly resourceGroup: string | undefined;
  readonly subscription: string | undefined;
};

export function targetWords(target: TargetSummary): TargetWords {
  const { name, type, resourceGroup, subscriptionId } = parseArmCall(target.method, target.path);
  return { name: name ?? 'everything in the tenant', type, resourceGroup, subscription: subscriptionId };
}

/** The reader's own date and time, which the Teams client fills in, and UTC beside it. Source: adaptivecards.io, text features, DATE and TIME. */
export function readersTime(at: Instant): string {
  const seconds = `${at.slice(0, 19)}Z`;
  return `{{DATE(${seconds}, SHORT)}} {{TIME(${seconds})}} (${at.slice(0, 10)} ${at.slice(11, 16)} UTC)`;
}

/** Enough of an id to tell operations apart when speaking of them. */
export function shortId(operation: Operation): string {
  return operation.id.slice(0, 11);
}
