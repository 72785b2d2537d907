import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type LocalArguments<Flag extends string> = {
  /** Where the environment keeps its data: `.local` of this project unless `--directory` names another. */
  readonly directory: string;
  readonly flags: ReadonlySet<Flag>;
  /** What is no option. */
  readonly rest: readonly string[];
  /** What is wrong with the options, for whoever gave them. */
  readonly problem: string | undefined;
};

/** Reads the arguments of a command of the local environment: the flags that it knows, `--directory DIR`, and the rest. */
export function readArguments<Flag extends string>(args: readonly string[], known: readonly Flag[]): LocalArguments<Flag> {
  const flags = new Set<Flag>();
  const rest: string[] = [];
  let directory = fileURLToPath(new URL('../../.local', import.meta.url));
  let problem: string | undefined;
  const left = [...args];
  for (let argument = left.shift(); argument !== undefined; argument = left.shift()) {
    const flag = known.find((name) => `--${name}` === argument);
    if (flag !== undefined) flags.add(flag);
    else if (argument === '--directory') {
      const given = left.shift();
      if (given === undefined || given.startsWith('--')) problem ??= '--directory needs the path of a directory.';
      else directory = resolve(given);
    } else if (argument.startsWith('-')) problem ??= `"${argument}" is not an option.`;
    else rest.push(argument);
  }
  return { directory, flags, rest, problem };
}
