import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import { maxBodyValues } from '../../shared/contracts/operation-request.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import { personalDataKinds } from '../../shared/domain/masking/personal-data.ts';
import { hostileTexts } from '../../test/support/hostile-texts.ts';

export type WorstBody = { readonly what: string; readonly ms: number };

const maxBody = 4 * 1_048_576;
const maxText = 1_048_576;

/** Lists of short texts, all of them different, as many as a body may hold. */
const items: readonly (readonly [string, (index: number) => JsonValue])[] = [
  ['a number and the beginning of a password', (index) => `${index}password="`],
  ['a number and the name of a key', (index) => `${index}key=`],
  ['percent signs, encoded twice', (index) => `%2525${index}`],
  ['beginnings of private keys', (index) => `${index}-----BEGIN PRIVATE KEY-----`],
  ['secrets in a sentence', (index) => `${index}secret: a `],
  ['digits', (index) => `${10_000_000 + index}`],
  ['escaped markup', (index) => `&lt;${index}`],
  ['beginnings of annotated keys', (index) => `JQQJ${index}`],
  ['texts in base64', (index) => Buffer.from(`hello hello ${index}`).toString('base64')],
  ['numbers in base64', (index) => Buffer.from(String(index * 7919).repeat(3)).toString('base64url')],
  ['beginnings of keys of a provider', (index) => `sk-ant-api03-${index}`],
  ['plain words', (index) => `some plain words ${index}`],
  ['pairs', (index) => ({ name: `n${index}`, value: `v${index}` })],
  ['JSON', (index) => `{"a":${index}}`],
];

/** Processor time to mask lists of 4 MiB and single texts of 1 MiB of the kinds that cost most, with all personal data masked too, the worst first. */
export async function measureWorstBodies(): Promise<readonly WorstBody[]> {
  const masker = makeSecretlintMasker({ personalData: personalDataKinds });
  const worst: WorstBody[] = [];
  const measure = async (what: string, value: JsonValue): Promise<void> => {
    const before = process.cpuUsage();
    await masker.mask(value);
    const { user, system } = process.cpuUsage(before);
    worst.push({ what, ms: (user + system) / 1_000 });
  };
  for (const [what, item] of items) {
    const count = Math.min(maxBodyValues, Math.floor(maxBody / (JSON.stringify(item(10_000)).length + 1)));
    await measure(
      `a list of ${what}`,
      Array.from({ length: count }, (_, index) => item(index)),
    );
  }
  for (const text of hostileTexts) await measure(`a text of ${JSON.stringify(text)}`, text.repeat(Math.floor(maxText / text.length)));
  return worst.toSorted((a, b) => b.ms - a.ms);
}
