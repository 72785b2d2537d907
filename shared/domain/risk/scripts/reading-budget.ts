import type { ScriptReader } from './script-reader.ts';

/** Characters that are read for one request, in all of its scripts and in the scripts in them. */
const maxCharacters = 524_288;
/** The same of scripts that cannot be parsed: what is broken costs a parser many times as much, up to the length at which it gives up. */
const maxUnreadable = 8_192;
const givenUpAt = 4_096;

/** A reader for one request: once too much was read, or tried in vain, what is left is too much. The order of the scripts decides, so that the same request is always read alike. */
export function withReadingBudget(reader: ScriptReader): ScriptReader {
  let characters = maxCharacters;
  let unreadable = maxUnreadable;
  return {
    read: (language, text) => {
      characters -= text.length;
      if (characters < 0 || unreadable <= 0) return { language, steps: [], problems: [{ line: 1, code: 'tooMuch' }] };
      const script = reader.read(language, text);
      if (script.problems.length > 0) unreadable -= Math.min(text.length, givenUpAt);
      return script;
    },
  };
}
