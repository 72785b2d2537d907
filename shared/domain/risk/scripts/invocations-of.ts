import type { Evaluation } from './evaluation.ts';
import type { Field } from './invocation.ts';
import type { Command, Word } from './script-reader.ts';
import { listBreak, type Value, wordBreak } from './values.ts';

/** A command whose words may have several values is judged with so many combinations of them. */
const maxCombinations = 16;

/** The words of a command as they would be passed, in every combination up to a bound; beyond it every value is still seen once, beside the first values of the others. */
export function fieldsOf(command: Command, evaluation: Evaluation): readonly (readonly Field[])[] {
  let combinations: Field[][] = [[]];
  for (const word of command.words) {
    const choice = evaluation.valuesOf(word).map((value) => split(value, word));
    const isOpen = choice.length > 1 && combinations.length * choice.length <= maxCombinations;
    if (isOpen) combinations = combinations.flatMap((fields) => choice.map((own) => [...fields, ...own]));
    else extend(combinations, choice);
  }
  return combinations;
}

/** Adds to the lists as they are: to copy them for each word would take time with the square of a command's words. */
function extend(combinations: Field[][], choice: readonly (readonly Field[])[]): void {
  const known = combinations.length;
  for (let index = known; index < choice.length; index += 1) combinations.push([...(combinations[index % known] ?? [])]);
  for (const [index, fields] of combinations.entries()) {
    for (const field of choice[index % Math.max(choice.length, 1)] ?? []) fields.push(field);
  }
}

function split(value: Value, word: Word): readonly Field[] {
  if (!value.text.includes(wordBreak) && !value.text.includes(listBreak)) return [{ ...value, word }];
  const breaks = new RegExp(`[${wordBreak}${listBreak}]`);
  return value.text
    .split(breaks)
    .filter((text) => text !== '')
    .map((text) => ({ text, traits: value.traits, word }));
}
