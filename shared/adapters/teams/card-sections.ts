import {
  ActionSet,
  type CardElementArray,
  Container,
  TextBlock,
  TextInput,
  TextRun,
  type TextRunOptions,
  ToggleVisibilityAction,
} from '@microsoft/teams.cards';
import { approvalsReceived, type Preview } from '../../domain/approval.ts';
import type { RiskFactor } from '../../domain/assessment.ts';
import type { Finding } from '../../domain/event.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { Operation } from '../../domain/operation.ts';
import type { CardSubject } from '../../ports/approval-channel.ts';
import { maxReasonLength } from './activity-body.ts';
import { type Cut, cutToFit, jsonLines, monospace, plainLines, plainRuns, spaced, textLine } from './card-text.ts';
import { colourOfRisk, headlineOf, intentOf, readersTime, shortId, targetWords } from './card-words.ts';

/** How many bytes of the card each part may take, and how the body is laid out. */
export type Allowance = {
  readonly request: number;
  readonly body: { readonly layout: 'lines' | 'compact'; readonly bytes: number };
  readonly state: number;
  readonly justification: number;
  /** Of each reason, factor and remark. */
  readonly remark: number;
  /** Factors, reasons and votes at most. */
  readonly items: number;
};

/** The long texts of a card, laid out once; undefined where there is nothing to show. */
export type CardTexts = {
  readonly body: Readonly<Record<'lines' | 'compact', string>> | undefined;
  readonly state: string | undefined;
};

export type Page = { readonly url: string; readonly texts: CardTexts; readonly allowance: Allowance };

/** What is longer than this fits on no card in any layout, so it is not worth a pretty one. */
const worthLines = 64 * 1024;

export function textsOf({ requestBody, targetState }: CardSubject): CardTexts {
  return {
    body: requestBody === undefined ? undefined : { lines: linesOf(requestBody), compact: spaced(requestBody) },
    state: targetState === undefined ? undefined : linesOf(targetState),
  };
}

function linesOf(value: JsonValue): string {
  const compact = JSON.stringify(value);
  return compact.length > worthLines ? compact : jsonLines(value);
}

const label: TextRunOptions = { weight: 'Bolder' };

function heading(text: string): TextBlock {
  return new TextBlock(text, { weight: 'Bolder', spacing: 'Medium', separator: true, wrap: true });
}

function labelled(name: string, value: string, look: TextRunOptions = {}): CardElementArray[number] {
  return textLine([new TextRun(`${name}: `, { isSubtle: true }), ...plainRuns(value, look)], 'None');
}

/** Says what is not shown and where it is; nothing for what is shown whole. */
function remainder({ hidden }: Cut, url: string): CardElementArray {
  return hidden === 0 ? [] : [notShown(`${hidden.toLocaleString('en-GB')} more characters are not shown`, url)];
}

function notShown(what: string, url: string): CardElementArray[number] {
  return textLine([new TextRun(`${what}: read the whole at `, { ...label, color: 'Attention' }), ...plainRuns(url, label)], 'Small');
}

function remark(text: string, page: Page, look: TextRunOptions = {}): CardElementArray {
  const cut = cutToFit(text, page.allowance.remark);
  return [...plainLines(cut.kept, look), ...remainder(cut, page.url)];
}

/** The first of a list, and how many more there are. */
function listed<Item>(items: readonly Item[], what: string, page: Page, show: (item: Item) => CardElementArray): CardElementArray {
  const more = items.length - page.allowance.items;
  return [
    ...items.slice(0, page.allowance.items).flatMap(show),
    ...(more > 0 ? [notShown(`${more} more ${what} are not shown`, page.url)] : []),
  ];
}

/** Where it stands, who wants what on what, how dangerous it is, until when: all that a glance must give. */
export function headlineSection(operation: Operation, page: Page): CardElementArray[number] {
  const { title, style, note } = headlineOf(operation);
  const { level, environment } = operation.assessment;
  const wants = operation.status === 'awaitingApproval' ? 'wants to' : 'asked to';
  const place = environment === 'production' ? 'production' : 'non-production';
  return new Container(
    new TextBlock(`Countersign · ${shortId(operation)}`, { size: 'Small', isSubtle: true, wrap: true }),
    new TextBlock(title, { size: 'Large', weight: 'Bolder', wrap: true, spacing: 'None', style: 'heading' }),
    textLine(
      [
        ...plainRuns(operation.agent.name, label),
        new TextRun(` ${wants} `),
        ...plainRuns(intentOf(operation.target), label),
        new TextRun(' '),
        ...plainRuns(targetWords(operation.target).name, label),
        new TextRun(` in ${place}.`),
      ],
      'Small',
    ),
    textLine(
      [new TextRun('Risk: '), new TextRun(level, { weight: 'Bolder', color: colourOfRisk[level] }), new TextRun(tally(operation))],
      'Small',
    ),
    ...(note === undefined ? [] : remark(note, page)),
    ...(operation.status === 'awaitingApproval'
      ? [new TextBlock(`Decide by ${readersTime(operation.expiresAt)}.`, { wrap: true, spacing: 'None' })]
      : []),
  )
    .withStyle(style)
    .withBleed(true);
}

function tally(operation: Operation): string {
  if (operation.decision.outcome !== 'requireApproval') return '';
  const { required } = operation.decision.requirements;
  return ` · ${approvalsReceived(operation.votes)} of ${required} ${required === 1 ? 'approval' : 'approvals'}`;
}

/** The request as it would be sent, but for its body. */
export function requestText({ target, action }: Operation): string {
  if (target.kind === 'keyvaultSecret') {
    const { method, vault, name, version, revealTo } = target;
    const secret = [...(name === undefined ? [] : [`secret ${name}`]), ...(version === undefined ? [] : [`version ${version}`])];
    const to = revealTo === undefined ? [] : [`encrypted to the key with the thumbprint ${revealTo}`];
    return [`${method} ${vault}`, ...secret, ...to, `action ${action}`].join('\n');
  }
  const query = Object.entries(target.query).map(([name, value]) => `query ${name} = ${value}`);
  const headers = Object.entries(target.headers).map(([name, value]) => `header ${name}: ${value}`);
  return [`${target.method} ${target.path}`, `api-version ${target.apiVersion}`, ...query, ...headers, `action ${action}`].join('\n');
}

export function requestSection(operation: Operation, page: Page): CardElementArray {
  const cut = cutToFit(requestText(operation), page.allowance.request);
  return [heading('What exactly'), ...plainLines(cut.kept, monospace), ...remainder(cut, page.url)];
}

export function targetSection(operation: Operation): CardElementArray {
  const { name, type, resourceGroup, subscription } = targetWords(operation.target);
  return [
    heading('On what'),
    labelled('Resource', name, label),
    labelled('Type', type),
    ...(resourceGroup === undefined ? [] : [labelled('Resource group', resourceGroup)]),
    ...(subscription === undefined ? [] : [labelled('Subscription', subscription)]),
    labelled('Environment', operation.assessment.environment === 'production' ? 'production' : 'non-production'),
  ];
}

export function justificationSection(operation: Operation, page: Page): CardElementArray {
  const cut = cutToFit(operation.justification, page.allowance.justification);
  return [
    heading("Why, in the agent's own words (nobody checked them)"),
    new Container(...plainLines(cut.kept, monospace)).withStyle('emphasis'),
    ...remainder(cut, page.url),
  ];
}

export function riskSection(operation: Operation, page: Page): CardElementArray {
  const { level, factors } = operation.assessment;
  return [
    heading(`Why the risk is ${level}`),
    ...listed(factors, 'factors', page, (factor) => factorLines(factor, page)),
    ...policyLines(operation, page),
  ];
}

function factorLines({ level, detail, evidence }: RiskFactor, page: Page): CardElementArray {
  const cut = cutToFit(detail, page.allowance.remark);
  return [
    textLine([new TextRun(`${level} `, { weight: 'Bolder', color: colourOfRisk[level] }), ...plainRuns(cut.kept)], 'Small'),
    ...remainder(cut, page.url),
    ...(evidence === undefined ? [] : remark(evidence, page, { ...monospace, isSubtle: true })),
  ];
}

function policyLines({ decision }: Operation, page: Page): CardElementArray {
  const reasons = listed(decision.reasons, 'reasons', page, (reason) => remark(`Policy: ${reason}`, page, { isSubtle: true }));
  if (decision.outcome !== 'requireApproval') return reasons;
  const { required, groups } = decision.requirements;
  const who = groups.length === 0 ? 'nobody may give, since the policies contradict each other' : `of ${groups.join(' or ')}`;
  return [...remark(`Needs ${required} ${required === 1 ? 'approval' : 'approvals'} ${who}.`, page), ...reasons];
}

/** What of the request's body is shown. */
export function cutBody({ body }: CardTexts, allowance: Allowance): Cut {
  return body === undefined ? { kept: '', hidden: 0 } : cutToFit(body[allowance.body.layout], allowance.body.bytes);
}

export function bodySection(page: Page): CardElementArray {
  if (page.texts.body === undefined) return [heading('Request body: none')];
  const cut = cutBody(page.texts, page.allowance);
  return [heading('Request body (secrets masked)'), ...plainLines(cut.kept, monospace), ...remainder(cut, page.url)];
}

/** A long state would push the buttons far down a phone's screen, so it opens on a tap; a short one is simply there. */
const linesShownOpenly = 12;

export function previewSection(preview: Preview, page: Page): CardElementArray {
  const read = new TextBlock(`Read ${readersTime(preview.readAt)}.`, { wrap: true, isSubtle: true, size: 'Small', spacing: 'None' });
  switch (preview.state) {
    case 'absent':
      return [heading('The target now'), textLine([new TextRun('It does not exist.')], 'Small'), read];
    case 'unreadable':
      return [heading('The target now'), ...remark(`It could not be read: ${preview.reason}`, page, { color: 'Attention' }), read];
    case 'present':
      return [
        heading('The target now (secrets masked)'),
        read,
        ...(page.texts.state === undefined ? [notShown('Its state is not here', page.url)] : stateLines(page.texts.state, page)),
      ];
  }
}

function stateLines(state: string, page: Page): CardElementArray {
  const cut = cutToFit(state, page.allowance.state);
  const lines = plainLines(cut.kept, monospace);
  if (lines.length <= linesShownOpenly) return [...lines, ...remainder(cut, page.url)];
  const id = 'targetState';
  return [
    new ActionSet(new ToggleVisibilityAction({ title: `Show or hide its ${lines.length} lines`, targetElements: [id] })),
    new Container(...lines).withId(id).withIsVisible(false),
    ...remainder(cut, page.url),
  ];
}

export function votesSection(operation: Operation, page: Page): CardElementArray {
  if (operation.votes.length === 0) return [];
  return [
    heading('Votes'),
    ...listed(operation.votes, 'votes', page, (vote) => [
      textLine(
        [new TextRun(vote.decision === 'approve' ? '✔ Approved by ' : '✘ Rejected by '), ...plainRuns(vote.voter.name, label)],
        'Small',
      ),
      new TextBlock(readersTime(vote.at), { wrap: true, isSubtle: true, size: 'Small', spacing: 'None' }),
      ...(vote.reason === '' ? [] : remark(vote.reason, page, monospace)),
    ]),
  ];
}

const findingWords: Readonly<Record<Finding, string>> = {
  effect: 'It had its effect, found ',
  noEffect: 'It had no effect, found ',
  partialEffect: 'It had part of its effect, found ',
};

/** What people found who looked, under an outcome that nobody knows. */
export function findingsSection(operation: Operation, page: Page): CardElementArray {
  if (operation.status !== 'outcomeUnknown' || operation.findings.length === 0) return [];
  return [
    heading('Looked at by people'),
    ...listed(operation.findings, 'findings', page, ({ by, found, note, at }) => [
      textLine([new TextRun(findingWords[found]), ...plainRuns(by.name, label)], 'Small'),
      new TextBlock(readersTime(at), { wrap: true, isSubtle: true, size: 'Small', spacing: 'None' }),
      ...remark(note, page, monospace),
    ]),
  ];
}

export function resultSection(operation: Operation, page: Page): CardElementArray {
  if (!('result' in operation)) return [];
  const { status, bodyDigest, masked } = operation.result;
  return [
    heading('What came back'),
    labelled('Status', status === undefined ? 'no answer was received' : String(status), label),
    ...(bodyDigest === undefined ? [] : [labelled('Digest of the answer', bodyDigest, monospace)]),
    ...(masked.length === 0 ? [] : [labelled('Masked in the answer', '')]),
    ...listed(masked, 'masked fields', page, (path) => remark(path, page, monospace)),
    new TextBlock(`Finished ${readersTime(operation.finishedAt)}.`, { wrap: true, isSubtle: true, size: 'Small', spacing: 'Small' }),
  ];
}

export function reasonInput(): TextInput {
  return new TextInput({ id: 'reason', label: 'Reason (optional, everybody here sees it)', isMultiline: true, maxLength: maxReasonLength });
}

export function identitySection(operation: Operation): CardElementArray[number] {
  const digest = operation.shown === undefined ? '' : ` · approval digest ${operation.shown.approvalDigest.slice(0, 19)}`;
  return textLine([new TextRun(`${operation.id}${digest}`, { ...monospace, isSubtle: true })], 'Default');
}
