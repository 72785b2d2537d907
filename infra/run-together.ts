import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command of the shell under the name that its output is told by. */
export type Part = { readonly name: string; readonly command: string };

/**
 * Runs the parts at the same time in the working directory. What one prints comes whole, parts in the order given, each as soon as it and those before it
 * have ended. Resolves with the names of those that failed: ended with another code than 0, by a signal, or did not start.
 */
export async function runTogether(parts: readonly Part[], write: (text: string) => void): Promise<readonly string[]> {
  const running = parts.map(run);
  const failed: string[] = [];
  for (const [index, { name }] of parts.entries()) {
    const ended = await running[index];
    write(ended?.output ?? '');
    if (ended?.succeeded !== true) failed.push(name);
  }
  return failed;
}

async function run({ command }: Part): Promise<{ readonly succeeded: boolean; readonly output: string }> {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => pieces.push(piece));
  try {
    const [code] = await once(child, 'close');
    return { succeeded: code === 0, output: Buffer.concat(pieces).toString('utf8') };
  } catch (error) {
    return { succeeded: false, output: `${command}: ${String(error)}\n` };
  }
}
