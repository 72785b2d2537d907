import { lintSource } from '@secretlint/core';
import { creator as recommended } from '@secretlint/secretlint-rule-preset-recommend';
import { type MaskOptions, maskSecrets, textsToInspect } from '../../domain/masking/mask.ts';
import type { PersonalDataKind } from '../../domain/masking/personal-data.ts';
import type { Range } from '../../domain/masking/secret-patterns.ts';
import type { Masker } from '../../ports/masker.ts';

/** Stands between two texts, so that no rule can find a secret that begins in one and ends in the next. */
const separator = '\n\u0000\n';

const rules = [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: recommended, options: {} }];

/** Our own rules by name and shape, and secretlint's recommended ones for the secrets of everybody else (AWS, GCP, GitHub, npm, Slack, …). */
export function makeSecretlintMasker(settings: { readonly personalData: readonly PersonalDataKind[] }): Masker {
  return {
    mask: async (value, action) => {
      const options: MaskOptions = { personalData: settings.personalData, ...(action === undefined ? {} : { action }) };
      return maskSecrets(value, { ...options, found: await findBySecretlint(textsToInspect(value, options)) });
    },
  };
}

/** The shortest text that any of secretlint's rules finds a secret in. */
const shortestSecret = 16;

/** All texts are looked at at once, since a call costs more than the text; places are then counted from the start of each text. */
async function findBySecretlint(texts: readonly string[]): Promise<ReadonlyMap<string, readonly Range[]>> {
  const long = texts.filter((text) => text.length >= shortestSecret);
  if (long.length === 0) return new Map();
  const { messages } = await lintSource({
    source: { filePath: 'operation.txt', content: long.join(separator), ext: '.txt', contentType: 'text' },
    options: { noPhysicFilePath: true, config: { rules: [...rules] } },
  });
  const starts: number[] = [];
  let at = 0;
  for (const text of long) {
    starts.push(at);
    at += text.length + separator.length;
  }
  const found = new Map<string, Range[]>();
  for (const { range } of messages) {
    const index = lastAtOrBefore(starts, range[0]);
    const text = long[index];
    const start = starts[index];
    if (text === undefined || start === undefined) continue;
    const inText = { start: range[0] - start, end: Math.min(range[1] - start, text.length) };
    if (inText.start < inText.end) found.set(text, [...(found.get(text) ?? []), inText]);
  }
  return found;
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
