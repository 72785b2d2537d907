import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { JsonValue } from '../../shared/domain/json.ts';
import type { MaskedCall } from '../../shared/domain/masking/masked.ts';
import type { Masker } from '../../shared/ports/masker.ts';
import { fill, seeded, wrap } from './secret-templates.ts';

const call = z.strictObject({ part: z.enum(['request', 'answer']), action: z.string(), path: z.string().exactOptional() });
const row = z.strictObject({
  kind: z.string(),
  what: z.string(),
  body: z.json(),
  call: call.exactOptional(),
  /** Texts that must still be readable beside the masked secret. */
  keeps: z.array(z.string()).exactOptional(),
  wrap: z.array(z.string()).exactOptional(),
});

export type CorpusRow = {
  readonly kind: string;
  readonly what: string;
  readonly body: JsonValue;
  readonly call?: MaskedCall;
  readonly keeps: readonly string[];
  readonly wrap: readonly string[];
};

const positiveFiles = [
  'connection-strings',
  'keys-and-tokens',
  'properties',
  'listing-answers',
  'wrapped-and-commands',
  'disguised',
] as const;

/** Rows that hold secrets. */
export function readPositives(): readonly CorpusRow[] {
  return positiveFiles.flatMap(readRows);
}

/** Rows that hold none, and must come back as they are. */
export function readLookAlikes(): readonly CorpusRow[] {
  return readRows('look-alikes');
}

function readRows(name: string): readonly CorpusRow[] {
  const rows = z.array(row).parse(JSON.parse(readFileSync(new URL(`../corpus/secrets/${name}.json`, import.meta.url), 'utf8')));
  return rows.map(({ keeps = [], wrap: ways = [], ...rest }) => ({ ...rest, keeps, wrap: ways }));
}

/** The row with the secrets of one seed. */
export function render({ body, wrap: ways }: CorpusRow, seed: number): JsonValue {
  return wrap(fill(body, seeded(seed)), ways);
}

export type Judged = { readonly isHidden: boolean; readonly lost: readonly string[]; readonly shown: JsonValue };

/**
 * Whether anything of the secrets is left: the row is masked twice, with other secrets of the same length, and a reader must not be able to tell which
 * is which. That finds parts that stayed visible, lengths included. `lost` are texts that should have stayed.
 */
export async function judgePositive(masker: Masker, positive: CorpusRow): Promise<Judged> {
  const [one, other] = await Promise.all([1, 2].map(async (seed) => (await masker.mask(render(positive, seed), positive.call)).value));
  const shown = JSON.stringify(one);
  const isSame = shown === JSON.stringify(other) && shown !== JSON.stringify(render(positive, 1));
  const lost = positive.keeps.filter(
    (text) =>
      !shown.includes(JSON.stringify(text).slice(1, -1)) && !shown.includes(JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)),
  );
  return { isHidden: isSame, lost, shown: one ?? null };
}
