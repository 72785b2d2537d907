import type { IAdaptiveCard } from '@microsoft/teams.cards';
import { z } from 'zod';

/** A card as its reader has it: what is written line by line, and what can be pressed. */
export type CardReading = {
  readonly text: string;
  readonly runs: readonly string[];
  /** Text that a renderer may read as markdown. */
  readonly marked: readonly string[];
  readonly buttons: readonly { readonly title: string; readonly verb: string | undefined; readonly data: unknown }[];
  readonly inputs: readonly string[];
  readonly bytes: number;
};

const element = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  items: z.array(z.unknown()).optional(),
  inlines: z.array(z.looseObject({ text: z.string() })).optional(),
});

const action = z.looseObject({ type: z.string(), title: z.string(), verb: z.string().optional(), data: z.unknown().optional() });

export function readCard(card: IAdaptiveCard): CardReading {
  const json = JSON.stringify(card);
  const parsed = z.looseObject({ body: z.array(z.unknown()), actions: z.array(action) }).parse(JSON.parse(json));
  const elements = parsed.body.flatMap(flatten);
  return {
    text: elements.map(textOf).join('\n').replaceAll('\u200b', '').replaceAll('\u00a0', ' '),
    runs: elements.flatMap(({ inlines }) => (inlines ?? []).map((run) => run.text)),
    marked: elements.flatMap(({ type, text }) => (type === 'TextBlock' && text !== undefined ? [text] : [])),
    buttons: parsed.actions.map(({ title, verb, data }) => ({ title, verb, data })),
    inputs: elements.flatMap(({ type, id }) => (type === 'Input.Text' && id !== undefined ? [id] : [])),
    bytes: Buffer.byteLength(json),
  };
}

function flatten(value: unknown): z.infer<typeof element>[] {
  const parsed = element.parse(value);
  return [parsed, ...(parsed.items ?? []).flatMap(flatten)];
}

function textOf({ text, inlines }: z.infer<typeof element>): string {
  return text ?? (inlines ?? []).map((run) => run.text).join('');
}
