import type { ServiceBusClient } from '@azure/service-bus';
import { printable } from '../policy-tools/printable.ts';
import { textTable } from '../policy-tools/text-table.ts';
import type { Command } from './dead-letter-arguments.ts';
import type { Letter } from './letter.ts';
import { listLetters, type Redriven, redriveLetters } from './letters.ts';

export type Report = {
  readonly text: string;
  /** Whether everything that was asked for was done. */
  readonly done: boolean;
};

/** Does what a command says and tells what came of it; `nowMs` is milliseconds since the epoch. Throws what the client throws. */
export async function runCommand(
  client: ServiceBusClient,
  command: Exclude<Command, { kind: 'help' | 'unclear' }>,
  nowMs: number,
): Promise<Report> {
  switch (command.kind) {
    case 'list': {
      const letters = await listLetters(client, command.places, nowMs);
      return { text: command.json ? jsonOf(letters) : tableOf(letters), done: true };
    }
    case 'show': {
      const letter = (await listLetters(client, [command.place], nowMs)).find(({ id }) => id === command.id);
      if (letter === undefined) return { text: `There is no dead letter ${command.id}.`, done: false };
      return { text: command.json ? jsonOf(letter) : detailsOf(letter), done: true };
    }
    case 'redrive':
      return reportOf(await redriveLetters(client, command.place, [command.id]), command.json);
    case 'redriveAll': {
      const outcomes: Redriven[] = [];
      for (const place of command.places) {
        const ids = (await listLetters(client, [place], nowMs)).map(({ id }) => id);
        if (ids.length > 0) outcomes.push(...(await redriveLetters(client, place, ids)));
      }
      return reportOf(outcomes, command.json);
    }
  }
}

function reportOf(outcomes: readonly Redriven[], json: boolean): Report {
  const sentences = {
    redriven: ({ id, messageId = '' }: Redriven) => `${id} was sent again as ${printable(messageId)}.`,
    gone: ({ id }: Redriven) => `There is no dead letter ${id}, or somebody else has it now.`,
    notOurs: ({ id }: Redriven) => `${id} stays: its body is no bytes or its queue unknown, so that it is no message of ours.`,
  };
  const text = outcomes.length === 0 ? 'There are no dead letters.' : outcomes.map((each) => sentences[each.outcome](each)).join('\n');
  return { text: json ? jsonOf(outcomes) : text, done: outcomes.every(({ outcome }) => outcome === 'redriven') };
}

function tableOf(letters: readonly Letter[]): string {
  if (letters.length === 0) return 'There are no dead letters.';
  const rows = letters.map((letter) => [
    letter.id,
    ageOf(letter.ageSeconds),
    String(letter.deliveryCount),
    letter.content.kind === 'ours' ? letter.content.purpose : '-',
    letter.content.kind === 'ours' ? letter.content.operationId : '-',
    [letter.reason, letter.description].filter((text) => text !== '').join(': '),
  ]);
  return textTable([['ID', 'AGE', 'DELIVERIES', 'PURPOSE', 'OPERATION', 'REASON'], ...rows].map((row) => row.map(printable)));
}

function detailsOf(letter: Letter): string {
  const { content } = letter;
  const lines: readonly (readonly [string, string])[] = [
    ['id', letter.id],
    ['queue', letter.queue ?? 'unknown'],
    ['message id', letter.messageId],
    ['reason', letter.reason],
    ['description', letter.description],
    ['deliveries', String(letter.deliveryCount)],
    ['sent again', String(letter.redriveCount)],
    ['enqueued', `${letter.enqueuedAt} (${ageOf(letter.ageSeconds)} ago)`],
    ['body', `${letter.bodyBytes} bytes, ${letter.bodyDigest}`],
    ...(content.kind === 'ours'
      ? ([
          ['operation', content.operationId],
          ['purpose', content.purpose],
          ['sequence', String(content.sequence)],
          ['attempt', String(content.attempt)],
        ] as const)
      : ([['not ours', content.problem]] as const)),
  ];
  return lines.map(([name, value]) => `${name.padEnd(12)}${printable(value)}`).join('\n');
}

function ageOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
