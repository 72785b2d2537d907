import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type LocalArguments<Flag extends string> = {
  /** Where the environment keeps its data: `.local` of this project unless `--directory` names another. */
  readonly directory: string;
  /** The folder of policies that `--policy` names, where the command knows that option; undefined where it is not given. */
  readonly policy: string | undefined;
  /** The file that `--package` names, likewise. */
  readonly package: string | undefined;
  readonly flags: ReadonlySet<Flag>;
  /** What is no option. */
  readonly rest: readonly string[];
  /** What is wrong with the options, for whoever gave them. */
  readonly problem: string | undefined;
};

type PathOption = 'directory' | 'policy' | 'package';

/** Reads the arguments of a command of the local environment: the flags and the options with a path that it knows, and the rest. */
export function readArguments<Flag extends string>(
  args: readonly string[],
  known: readonly Flag[],
  withPath: readonly PathOption[] = ['directory'],
): LocalArguments<Flag> {
  const flags = new Set<Flag>();
  const paths = new Map<PathOption, string>();
  const rest: string[] = [];
  let problem: string | undefined;
  const left = [...args];
  for (let argument = left.shift(); argument !== undefined; argument = left.shift()) {
    const flag = known.find((name) => `--${name}` === argument);
    const option = withPath.find((name) => `--${name}` === argument);
    if (flag !== undefined) flags.add(flag);
    else if (option !== undefined) {
      const given = left.shift();
      if (given === undefined || given.startsWith('--'))
        problem ??= `--${option} needs the path of a ${option === 'package' ? 'file' : 'directory'}.`;
      else paths.set(option, resolve(given));
    } else if (argument.startsWith('-')) problem ??= `"${argument}" is not an option.`;
    else rest.push(argument);
  }
  const directory = paths.get('directory') ?? fileURLToPath(new URL('../../.local', import.meta.url));
  return { directory, policy: paths.get('policy'), package: paths.get('package'), flags, rest, problem };
}
