import { evaluationOf } from './evaluate.ts';
import type { Invocation, Judge } from './invocation.ts';
import { judgeScript, type Session } from './judge-script.ts';
import { judgeForeign } from './rules/interpreters.ts';
import { noFiles } from './script-files.ts';
import { literal } from './values.ts';

/** Looks through code in a language that is not read; lines in it are not told apart. */
export function judgeForeignText(session: Session, text: string): void {
  const evaluation = evaluationOf({ language: 'bash', assigned: new Map(), given: new Map(), functions: new Map(), positional: undefined });
  const judge: Judge = {
    evaluation,
    files: noFiles(),
    found: (code, line, shows) => session.found({ code, line, shows }),
    judgeFields: () => {},
    judgeTexts: (language, values) => {
      for (const value of values) judgeScript(session, { language, text: value.text, given: new Map(), positional: undefined });
    },
  };
  const invocation: Invocation = { language: 'bash', line: 1, name: 'code', path: '', fields: [], redirections: [], input: undefined };
  judgeForeign([literal(text.slice(0, maxText))], invocation, judge);
  if (text.length > maxText) session.found({ code: 'scriptTooLong', line: 1, shows: 'more than can be looked through' });
}

const maxText = 131_072;
