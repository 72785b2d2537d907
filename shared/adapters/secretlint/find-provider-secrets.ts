import type { Range } from '../../domain/masking/ranges.ts';
import { type ProviderRule, presetRules, providerRules } from './provider-rules.ts';

/** Stands between two texts, so that no rule can find a secret that begins in one and ends in the next. */
const separator = '\n\u0000\n';

/**
 * Places of the secrets that secretlint's rules know, by the text that holds them. The rules run without secretlint's own engine, which obeys comments in the
 * text that switch rules off and compares every finding with every other.
 * Texts with more beginnings of secrets than any honest value has are hidden as a whole, since the rules are not linear in those.
 */
export async function findProviderSecrets(texts: readonly string[]): Promise<ReadonlyMap<string, readonly Range[]>> {
  const found = new Map<string, Range[]>();
  const add = (text: string, range: Range) => {
    const known = found.get(text);
    if (known === undefined) found.set(text, [range]);
    else known.push(range);
  };
  for (const rule of providerRules) {
    const { offered, refused } = withinBudget(texts, rule);
    for (const text of refused) add(text, { start: 0, end: text.length });
    if (offered.length > 0) for (const { text, range } of await runRule(rule, offered)) add(text, range);
  }
  return found;
}

/** How often one rule may begin to look at something, over all texts of one value. */
const maxHints = 1_000;

function withinBudget(
  texts: readonly string[],
  { hint }: ProviderRule,
): { readonly offered: readonly string[]; readonly refused: readonly string[] } {
  const every = new RegExp(hint.source, `${hint.flags}g`);
  const offered: string[] = [];
  const refused: string[] = [];
  let left = maxHints;
  for (const text of texts) {
    every.lastIndex = 0;
    let hints = 0;
    while (hints <= left && every.test(text)) hints += 1;
    if (hints > left) refused.push(text);
    else if (hints > 0) offered.push(text);
    left = Math.max(0, left - hints);
  }
  return { offered, refused };
}

type Finding = { readonly text: string; readonly range: Range };
type PresetRule = NonNullable<ReturnType<typeof presetRules.get>>;
type RuleContext = Parameters<PresetRule['create']>[0];
type RuleSource = Parameters<NonNullable<ReturnType<PresetRule['create']>['file']>>[0];

/** All texts are looked at at once, since a call costs more than a text; places are then counted from the start of each. */
async function runRule({ id }: ProviderRule, texts: readonly string[]): Promise<readonly Finding[]> {
  const rule = presetRules.get(id);
  if (rule === undefined) throw new Error(`secretlint's preset has no rule "${id}".`);
  const reported: Range[] = [];
  const reporter = rule.create(
    contextOf((range) => reported.push(range)),
    {},
  );
  await reporter.file?.(sourceOf(texts.join(separator)));
  const starts = startsOf(texts);
  return reported.flatMap((range) => findingAt(texts, starts, range));
}

/** What a rule needs of its engine. Its messages quote the secret: they are dropped unread. */
function contextOf(report: (range: Range) => void): RuleContext {
  return {
    sharedOptions: {},
    createTranslator: () => (messageId, data) => ({ message: '', messageId: String(messageId), data }),
    report: ({ range: [start, end] }) => report({ start, end }),
    ignore: () => undefined,
  };
}

function sourceOf(content: string): RuleSource {
  const unused = (): never => {
    throw new Error('A rule of secretlint asked for a position by line, which no rule in use did.');
  };
  return {
    content,
    hasBOM: false,
    filePath: undefined,
    physicalFilePath: undefined,
    contentType: 'text',
    ext: '.txt',
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    locationToRange: unused,
    rangeToLocation: unused,
    positionToIndex: unused,
    indexToPosition: unused,
  };
}

function startsOf(texts: readonly string[]): readonly number[] {
  let at = 0;
  return texts.map((text) => {
    const start = at;
    at += text.length + separator.length;
    return start;
  });
}

function findingAt(texts: readonly string[], starts: readonly number[], range: Range): readonly Finding[] {
  const index = lastAtOrBefore(starts, range.start);
  const text = texts[index];
  const start = starts[index];
  if (text === undefined || start === undefined) return [];
  const inText = { start: range.start - start, end: Math.min(range.end - start, text.length) };
  return inText.start < inText.end ? [{ text, range: inText }] : [];
}

function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
