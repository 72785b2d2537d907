import { describe, expect, it } from 'vitest';
import { runProgram } from '../../support/child-program.ts';

describe('npm run teams:package', () => {
  it('asks for the bot, and tells what Teams would refuse', async () => {
    const without = await runProgram('infra/teams-app/teams-package.ts');
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('--bot-id is missing.')]);
    const wrong = await runProgram('infra/teams-app/teams-package.ts', '--bot-id', 'countersign', '--out', '/nonexistent/app.zip');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('Teams would not take this app:')]);
  });
});
