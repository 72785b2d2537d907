import type { Step, Word, WordPart } from './script-reader.ts';

/** Every step of a script, those in words, branches, loops and functions too, in the order of the text. */
export function nestedSteps(steps: readonly Step[]): readonly Step[] {
  const found: Step[] = [];
  const visit = (step: Step): void => {
    found.push(step);
    switch (step.kind) {
      case 'command':
        for (const word of step.words) visitWord(word);
        for (const assignment of step.assignments) visitWord(assignment.value);
        for (const redirection of step.redirections) visitWord(redirection.target);
        return;
      case 'pipeline':
        for (const stage of step.stages) visit(stage);
        return;
      case 'assignment':
        visitWord(step.value);
        return;
      case 'block':
        for (const value of step.loop?.values ?? []) visitWord(value);
        for (const inner of step.steps) visit(inner);
        for (const redirection of step.redirections) visitWord(redirection.target);
        return;
      case 'function':
        for (const inner of step.steps) visit(inner);
        return;
      case 'expression':
        visitWord(step.value);
        for (const redirection of step.redirections) visitWord(redirection.target);
        return;
    }
  };
  const visitWord = (word: Word): void => {
    for (const part of word.parts) {
      switch (part.kind) {
        case 'substitution':
        case 'process':
        case 'scriptBlock':
        case 'unknown':
          for (const step of part.steps) visit(step);
          break;
        case 'variable':
        case 'operation':
          for (const operand of part.operands) visitWord(operand);
          break;
        case 'member':
          visitWord(part.target);
          visitWord(part.name);
          for (const argument of part.arguments ?? []) visitWord(argument);
          break;
        case 'text':
          break;
      }
    }
  };
  for (const step of steps) visit(step);
  return found;
}

/** Commands whose steps stand in the words of one step, not below it: substitutions, script blocks, conditions. */
export function stepsInWord(word: Word): readonly Step[] {
  return word.parts.flatMap(stepsInPart);
}

function stepsInPart(part: WordPart): readonly Step[] {
  switch (part.kind) {
    case 'substitution':
    case 'process':
    case 'scriptBlock':
    case 'unknown':
      return part.steps;
    case 'variable':
    case 'operation':
      return part.operands.flatMap(stepsInWord);
    case 'member':
      return [...stepsInWord(part.target), ...stepsInWord(part.name), ...(part.arguments ?? []).flatMap(stepsInWord)];
    case 'text':
      return [];
  }
}
