import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runTogether } from '../../infra/run-together.ts';

/** The names of what failed, and all that was written. */
async function together(...commands: readonly string[]) {
  let written = '';
  const parts = commands.map((command, index) => ({ name: `part ${index + 1}`, command }));
  const failed = await runTogether(parts, (text) => {
    written += text;
  });
  return { failed, written };
}

describe('parts that run together', () => {
  it.each([
    ['ends with another code than 0', 'exit 3'],
    ['is ended by a signal', 'kill -KILL $$'],
    ['cannot be found', 'countersign-has-no-such-command'],
  ])('fail where one %s, whichever it is', async (_, failing) => {
    expect((await together(failing, 'true', 'true')).failed).toEqual(['part 1']);
    expect((await together('true', 'true', failing)).failed).toEqual(['part 3']);
  });

  it('do not fail where none does', async () => {
    expect((await together('true', 'true')).failed).toEqual([]);
  });

  it('are each run to their end, though an earlier one failed', async () => {
    expect(await together('exit 1', 'echo second; exit 1')).toEqual({ failed: ['part 1', 'part 2'], written: 'second\n' });
  });

  it('are at work at the same time, and what each prints comes whole and in order', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'countersign-together-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Either waits at the pipe until the other is there.
    const { failed, written } = await together(`echo one; read word < ${pipe}; echo "one had $word" >&2`, `echo word > ${pipe}; echo two`);
    expect({ failed, written }).toEqual({ failed: [], written: 'one\none had word\ntwo\n' });
  });
});
