import {
  AdaptiveCard,
  type CardElementArray,
  ExecuteAction,
  type IAdaptiveCard,
  OpenUrlAction,
  TextBlock,
  TextRun,
} from '@microsoft/teams.cards';
import { isTerminal, type Operation, type OperationId } from '../../domain/operation.ts';
import type { CardSubject } from '../../ports/approval-channel.ts';
import {
  type Allowance,
  bodySection,
  cutBody,
  findingsSection,
  headlineSection,
  identitySection,
  justificationSection,
  type Page,
  previewSection,
  reasonInput,
  requestSection,
  requestText,
  resultSection,
  riskSection,
  targetSection,
  textsOf,
  votesSection,
} from './card-sections.ts';
import { cutToFit, plainRuns, textLine, visible } from './card-text.ts';
import { headlineOf, intentOf, targetWords } from './card-words.ts';

/** A card, and the line that a notification shows for it. */
export type OperationCard = { readonly content: IAdaptiveCard; readonly summary: string };

/** Teams refuses messages over about 28 KB; the rest is left for what surrounds the card. */
export const maxCardBytes = 25 * 1024;

/** As much as a whole card: what is longer than that fits nowhere, so nobody lays it out to find out. */
const whole = maxCardBytes;

/** From everything down to what always fits; the request is cut last of all, and a card whose request is cut has no Approve. */
const allowances: readonly Allowance[] = [
  { request: whole, body: { layout: 'lines', bytes: whole }, state: whole, justification: whole, remark: 2000, items: 40 },
  { request: whole, body: { layout: 'lines', bytes: whole }, state: 6000, justification: 2500, remark: 500, items: 20 },
  { request: whole, body: { layout: 'lines', bytes: whole }, state: 2000, justification: 1500, remark: 300, items: 12 },
  { request: whole, body: { layout: 'compact', bytes: whole }, state: 2000, justification: 1500, remark: 300, items: 12 },
  { request: whole, body: { layout: 'compact', bytes: whole }, state: 400, justification: 600, remark: 150, items: 6 },
];
const allowancesForALongRequest: readonly Allowance[] = [
  { request: 6000, body: { layout: 'compact', bytes: 3000 }, state: 400, justification: 600, remark: 150, items: 6 },
  { request: 2000, body: { layout: 'compact', bytes: 1000 }, state: 200, justification: 300, remark: 100, items: 4 },
];

/** Makes the card's builder. `urlOf` gives the address where people read the whole operation. */
export function makeOperationCard(urlOf: (id: OperationId) => string): (subject: CardSubject) => OperationCard {
  return (subject) => {
    const texts = textsOf(subject);
    const url = urlOf(subject.operation.id);
    const pages = allowances.map((allowance) => ({ url, texts, allowance })).filter((page) => showsWholeRequest(subject, page));
    const shorter = allowancesForALongRequest.map((allowance) => ({ url, texts, allowance }));
    for (const page of [...pages, ...shorter]) {
      const content = lay(subject, page);
      if (bytesOf(content) <= maxCardBytes) return { content, summary: summaryOf(subject.operation) };
    }
    throw new RangeError('A card must fit.');
  };
}

function bytesOf(card: IAdaptiveCard): number {
  return Buffer.byteLength(JSON.stringify(card));
}

function lay(subject: CardSubject, page: Page): IAdaptiveCard {
  const { operation } = subject;
  const body = isTerminal(operation) ? endedBody(operation, page) : openBody(subject, page);
  const card = new AdaptiveCard(headlineSection(operation, page), ...body, identitySection(operation), ...signingSection(subject, page))
    .withVersion('1.5')
    .withFallbackText(visible(`${summaryOf(operation)}. Read it at ${page.url}`))
    .withActions(...actionsOf(subject, page));
  return { ...card, msteams: { width: 'full' } };
}

function openBody(subject: CardSubject, page: Page): CardElementArray {
  const { operation } = subject;
  return [
    ...requestSection(operation, page),
    ...targetSection(operation),
    ...justificationSection(operation, page),
    ...riskSection(operation, page),
    ...bodySection(page),
    ...(operation.shown === undefined ? [] : previewSection(operation.shown.preview, page)),
    ...votesSection(operation, page),
  ];
}

/** After the end: what came of it first, then what it was. */
function endedBody(operation: Operation, page: Page): CardElementArray {
  return [
    ...resultSection(operation, page),
    ...findingsSection(operation, page),
    ...votesSection(operation, page),
    ...requestSection(operation, page),
    ...targetSection(operation),
    ...justificationSection(operation, page),
    ...previewReference(page),
  ];
}

function previewReference({ url }: Page): CardElementArray {
  return [textLine([new TextRun('The request body, the risk in full and what the approvers were shown: '), ...plainRuns(url)], 'Default')];
}

type Signing = 'closed' | 'here' | 'elsewhere';

function showsWholeRequest({ operation }: CardSubject, { texts, allowance }: Page): boolean {
  return cutToFit(requestText(operation), allowance.request).hidden === 0 && cutBody(texts, allowance).hidden === 0;
}

/** Whether votes are taken from this card: only while they are taken at all, and only from a card that shows the whole request. */
function signingOf(subject: CardSubject, page: Page): Signing {
  const { operation } = subject;
  if (operation.status !== 'awaitingApproval' || operation.shown === undefined) return 'closed';
  return showsWholeRequest(subject, page) ? 'here' : 'elsewhere';
}

function signingSection(subject: CardSubject, page: Page): CardElementArray {
  switch (signingOf(subject, page)) {
    case 'closed':
      return [];
    case 'here':
      return [reasonInput()];
    case 'elsewhere':
      return [
        new TextBlock('The request is too long for a card, so it cannot be approved here: read the whole, then approve it there.', {
          weight: 'Bolder',
          color: 'Attention',
          wrap: true,
          separator: true,
        }),
        reasonInput(),
      ];
  }
}

function actionsOf(subject: CardSubject, page: Page): (ExecuteAction | OpenUrlAction)[] {
  const { operation } = subject;
  const read = new OpenUrlAction(page.url, { title: 'Read the whole' });
  if (operation.status === 'approved' || operation.status === 'executing') {
    return [new ExecuteAction({ title: 'Refresh', verb: 'refresh', data: { operationId: operation.id } }), read];
  }
  if (operation.status !== 'awaitingApproval' || operation.shown === undefined) return [read];
  const data = { operationId: operation.id, digest: operation.shown.approvalDigest };
  const approve = new ExecuteAction({ title: 'Approve', verb: 'approve', style: 'positive', data });
  const reject = new ExecuteAction({ title: 'Reject', verb: 'reject', style: 'destructive', data });
  return signingOf(subject, page) === 'here' ? [approve, reject, read] : [read, reject];
}

function summaryOf(operation: Operation): string {
  const { agent, target } = operation;
  return visible(`${headlineOf(operation).title}: ${agent.name}, ${intentOf(target)} ${targetWords(target).name}`).replaceAll('\n', ' ');
}
