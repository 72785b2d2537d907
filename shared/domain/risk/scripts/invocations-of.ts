import type { Evaluation } from './evaluation.ts';
import type { Field } from './invocation.ts';
import type { Command, Word } from './script-reader.ts';
import { listBreak, type Value, wordBreak } from './values.ts';

/** A command whose words may have several values is judged with so many combinations of them. */
const maxCombinations = 16;

/** The words of a command as they would be passed, in every combination up to a bound. */
export function fieldsOf(command: Command, evaluation: Evaluation): readonly (readonly Field[])[] {
  const choices = command.words.map((word) => evaluation.valuesOf(word).map((value) => split(value, word)));
  let combinations: readonly (readonly Field[])[] = [[]];
  for (const choice of choices) {
    const [first = []] = choice;
    const isOpen = choice.length > 1 && combinations.length * choice.length <= maxCombinations;
    combinations = isOpen
      ? combinations.flatMap((fields) => choice.map((own) => [...fields, ...own]))
      : extended(combinations, choice, first);
  }
  return combinations;
}

/** Beyond the bound every value is still seen once, beside the first values of the others. */
function extended(
  combinations: readonly (readonly Field[])[],
  choice: readonly (readonly Field[])[],
  first: readonly Field[],
): readonly (readonly Field[])[] {
  return Array.from({ length: Math.max(combinations.length, choice.length) }, (_, index) => [
    ...(combinations[index % combinations.length] ?? []),
    ...(choice[index % Math.max(choice.length, 1)] ?? first),
  ]);
}

function split(value: Value, word: Word): readonly Field[] {
  if (!value.text.includes(wordBreak) && !value.text.includes(listBreak)) return [{ ...value, word }];
  const breaks = new RegExp(`[${wordBreak}${listBreak}]`);
  return value.text
    .split(breaks)
    .filter((text) => text !== '')
    .map((text) => ({ text, traits: value.traits, word }));
}
