import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import { maxBodyValues } from '../../shared/contracts/operation-request.ts';
import type { JsonValue } from '../../shared/domain/json.ts';
import { personalDataKinds } from '../../shared/domain/masking/personal-data.ts';
import { hostileTexts } from '../../test/support/hostile-texts.ts';

export type WorstBody = { readonly what: string; readonly ms: number };

const maxBody = 4 * 1_048_576;
const shortText = 524_288;

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
  ['objects whose names are secrets', (index) => ({ [`Password=Wq7rT${index};`]: 1 })],
  ['passwords that differ', (index) => ({ password: `Wq7rTz2pLmX${index}` })],
  ['ids that begin with the name of a secret', (index) => ({ id: `secretsome${index}` })],
];

/** How many values a body counts for one item: itself, and what is in it. */
function valuesIn(item: JsonValue): number {
  return typeof item === 'object' && item !== null ? 1 + Object.keys(item).length : 1;
}

/** So many of the kinds of texts are also measured as long as a body may be. */
const finalists = 10;

/**
 * Processor time to mask lists of 4 MiB and single texts of the kinds that cost most, with all personal data masked too, the worst first. Every kind of text is
 * looked at in half a mebibyte, and those that cost most there in 4 MiB. `onProgress` hears how many of how many are done.
 */
export async function measureWorstBodies(onProgress: (done: number, all: number) => void): Promise<readonly WorstBody[]> {
  const masker = makeSecretlintMasker({ personalData: personalDataKinds });
  const all = items.length + hostileTexts.length + finalists;
  let done = 0;
  const measure = async (value: JsonValue): Promise<number> => {
    // As it comes off the wire: texts that were put together from pieces would have to be joined first.
    const parsed: JsonValue = JSON.parse(JSON.stringify(value));
    const before = process.cpuUsage();
    await masker.mask(parsed);
    const { user, system } = process.cpuUsage(before);
    done += 1;
    onProgress(done, all);
    return (user + system) / 1_000;
  };
  const worst: WorstBody[] = [];
  for (const [what, item] of items) {
    const count = Math.min(Math.floor(maxBodyValues / valuesIn(item(0))), Math.floor(maxBody / (JSON.stringify(item(10_000)).length + 1)));
    const list = Array.from({ length: count }, (_, index) => item(index));
    worst.push({ what: `a list of ${what}`, ms: await measure(list) });
  }
  const short: { readonly piece: string; readonly ms: number }[] = [];
  for (const piece of hostileTexts) short.push({ piece, ms: await measure(piece.repeat(Math.floor(shortText / piece.length))) });
  for (const { piece } of short.toSorted((a, b) => b.ms - a.ms).slice(0, finalists))
    worst.push({ what: `a text of ${JSON.stringify(piece)}`, ms: await measure(piece.repeat(Math.floor(maxBody / piece.length))) });
  return worst.toSorted((a, b) => b.ms - a.ms);
}
