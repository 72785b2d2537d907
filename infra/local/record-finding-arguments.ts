import { parseArgs } from 'node:util';
import { type Finding, findings } from '../../shared/domain/event.ts';
import { isOperationId } from '../../shared/domain/operation.ts';
import { readArguments } from './read-arguments.ts';

export type FindingArguments = {
  readonly kind: 'finding';
  readonly directory: string;
  readonly id: string;
  readonly found: Finding;
  readonly note: string;
  /** Who says so. */
  readonly as: string;
};

const options = {
  found: { type: 'string' },
  note: { type: 'string' },
  as: { type: 'string', default: 'approver-1' },
  directory: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Reads the arguments of `npm run record-finding`. */
export function readFindingArguments(
  args: readonly string[],
): FindingArguments | { readonly kind: 'help' } | { readonly kind: 'wrong'; readonly problem: string } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'The arguments cannot be read.');
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { kind: 'help' };
  const [id, ...more] = positionals;
  const found = findings.find((known) => known === values.found);
  const note = values.note?.trim() ?? '';
  const { directory } = readArguments(values.directory === undefined ? [] : ['--directory', values.directory], []);
  if (id === undefined || more.length > 0 || !isOperationId(id)) return wrong('Name one operation, as op_ and 26 letters and digits.');
  if (found === undefined) return wrong(`--found must be one of ${findings.join(', ')}.`);
  if (note === '') return wrong('--note must say what was seen, and where.');
  return { kind: 'finding', directory, id, found, note, as: values.as };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
}

function wrong(problem: string) {
  return { kind: 'wrong', problem } as const;
}
