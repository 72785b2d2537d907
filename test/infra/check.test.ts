import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const command = fileURLToPath(new URL('../../infra/check.ts', import.meta.url));

function check(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('npm run check', () => {
  it('does not check where it is called with what it does not know', () => {
    expect(check('--fast')).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^"--fast" is not an option\.\n\nRuns typecheck/),
    });
  });

  it('explains itself and checks nothing', () => {
    expect(check('--help')).toEqual({ status: 0, stdout: expect.stringMatching(/^Runs typecheck, lint and import rules/), stderr: '' });
  });
});
