import { parseArgs } from 'node:util';
import { z } from 'zod';
import { JsonError, type JsonValue, parseJson } from '../../shared/domain/json.ts';
import { printable } from '../policy-tools/printable.ts';
import { chainTable, chainVerdict } from './show-chain.ts';
import { eventFrom, eventsIn, verifyChain } from './verify-chain.ts';

export const help = `Recomputes the chain of an operation's events, each hash and each link, and says where it breaks.

  npm run --silent verify-events -- FILE
  curl -s "$API/operations/$ID/events" -H "Authorization: Bearer $AUDITOR" | npm run --silent verify-events -- -

  FILE   what GET /api/operations/{id}/events answered: {"value":[...]}; - reads it from standard input

Each event is held against the one before it. Two things no chain can show: that events are missing at its end, and that somebody who may write the
storage wrote all of it anew. Both change the last hash, which is printed: compare it with one that was noted elsewhere.
Exit codes: 0 every link holds; 1 it breaks, or there are no events; 2 not understood.
`;

export type Report = { readonly exitCode: 0 | 1 | 2; readonly text: string };

/** Does what was typed; `read` gives the bytes of a file, or of standard input for `-`. What it cannot give, it throws. */
export async function verifyCommand(args: readonly string[], read: (file: string) => Promise<Uint8Array>): Promise<Report> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) return { exitCode: 0, text: help };
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return unclear(`One file is verified, or - for standard input.\n\n${help}`);
    return verifyAnswer(parseJson(await read(file)));
  } catch (error) {
    if (error instanceof JsonError) return unclear('This is no JSON: GET /api/operations/{id}/events answers {"value":[...]}.');
    return unclear(error instanceof Error ? error.message : String(error));
  }
}

function verifyAnswer(answer: JsonValue): Report {
  const items = eventsIn(answer);
  if (items === undefined) return unclear(`GET /api/operations/{id}/events answers {"value":[...]}; this is ${whatElse(answer)}.`);
  const operationId = items.map((item) => eventFrom(item)?.operationId).find((id) => id !== undefined) ?? 'an unknown operation';
  const links = verifyChain(operationId, items);
  const holds = links.length > 0 && links.every(({ fault }) => fault === undefined);
  const verdict = chainVerdict(operationId, links);
  return { exitCode: holds ? 0 : 1, text: links.length === 0 ? verdict : `${chainTable(links)}\n\n${verdict}` };
}

const refusal = z.object({ error: z.object({ code: z.string() }) });

function whatElse(answer: JsonValue): string {
  const { data } = refusal.safeParse(answer);
  return data === undefined ? 'something else' : `an error, ${printable(data.error.code)}`;
}

function unclear(text: string): Report {
  return { exitCode: 2, text };
}
