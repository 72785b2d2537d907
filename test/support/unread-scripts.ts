import type { ScriptReader } from '../../shared/domain/risk/scripts/script-reader.ts';

/** A reader that can read no script, for tests in which none is carried. */
export const unreadScripts: ScriptReader = {
  read: (language) => ({ language, steps: [], problems: [{ line: 1, code: 'syntax' }] }),
};
