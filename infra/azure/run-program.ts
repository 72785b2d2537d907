import { execFile } from 'node:child_process';

export type ProgramEnd = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Runs a program to its end, without a shell. Undefined where there is no such program. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<ProgramEnd | undefined>;

const mostOutput = 64 * 1024 * 1024;

/** Programs are looked for as the environment says. */
export function makeRunProgram(environment: Readonly<Record<string, string | undefined>>): RunProgram {
  return async (program, args) =>
    await new Promise((resolve) => {
      // On Windows `az` is a command file, which only a shell can run; no argument here is anybody else's text, but paths may have spaces.
      const shell = process.platform === 'win32' && program === 'az';
      const [file, given] = shell ? [[program, ...args.map((arg) => `"${arg}"`)].join(' '), []] : [program, [...args]];
      execFile(file, given, { env: { ...environment }, maxBuffer: mostOutput, shell }, (error, stdout, stderr) => {
        if (error === null) resolve({ exitCode: 0, stdout, stderr });
        else if (error.code === 'ENOENT') resolve(undefined);
        else resolve({ exitCode: typeof error.code === 'number' ? error.code : 1, stdout, stderr: stderr === '' ? error.message : stderr });
      });
    });
}
