import { parseArgs } from 'node:util';

export type MeasureArguments = { readonly folder?: string; readonly worst: boolean };

/** Reads the arguments of a measuring command: a folder of tables, `--worst` where it is offered, `--help`. Undefined after a help text or a complaint, with the exit code set. */
export function readArguments(args: readonly string[], usage: string, offersWorst: boolean): MeasureArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, ...(offersWorst ? { worst: { type: 'boolean' as const } } : {}) },
    });
    if (values.help === true) {
      process.stdout.write(`${usage}\n`);
      return undefined;
    }
    const [folder, ...more] = positionals;
    if (more.length > 0) throw new TypeError(`One folder is measured against, not ${positionals.length}.`);
    return { worst: 'worst' in values && values.worst === true, ...(folder === undefined ? {} : { folder }) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    process.exitCode = 2;
    return undefined;
  }
}
