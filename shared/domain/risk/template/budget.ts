import { TemplateFault } from './template-fault.ts';

/**
 * How much of a template is looked at; what goes beyond is judged as the worst. Resources, copies, expressions and expansion have Azure's own limits, so that no template
 * that Azure takes is refused for them. Source: learn.microsoft.com/azure/azure-resource-manager/templates/best-practices#template-limits.
 */
export const templateLimits = {
  resources: 800,
  copies: 800,
  expressionCharacters: 24_576,
  expandedCharacters: 4 * 1024 * 1024,
  triedCharacters: 1024 * 1024,
  /** Templates within templates. */
  nesting: 10,
  /** Calls within calls, and values within values. */
  depth: 160,
  /** Nodes that are visited or made, and 64 characters of text count as one. */
  steps: 750_000,
} as const;

const charactersPerStep = 64;

/** What one inspection may still use up; every function throws {@link TemplateFault} `tooLarge` where it is too much. */
export type Budget = {
  readonly spend: (steps: number) => void;
  readonly spendText: (characters: number) => void;
  /** Characters of what is handed on to be judged. */
  readonly expand: (characters: number) => void;
  /** False where no more may be tried: bodies with other values in place of the unknown ones. */
  readonly mayTry: (characters: number) => boolean;
  readonly addResource: () => void;
};

export function makeBudget(): Budget {
  let steps = 0;
  let expanded = 0;
  let tried = 0;
  let resources = 0;
  const spend = (count: number) => {
    steps += count;
    if (steps > templateLimits.steps) throw new TemplateFault('tooLarge', 'evaluating the template takes too many steps');
  };
  return {
    spend,
    spendText: (characters) => spend(1 + characters / charactersPerStep),
    expand: (characters) => {
      expanded += characters;
      if (expanded > templateLimits.expandedCharacters) {
        throw new TemplateFault('tooLarge', `expanded, the template has more than ${templateLimits.expandedCharacters} characters`);
      }
    },
    mayTry: (characters) => {
      tried += characters;
      return tried <= templateLimits.triedCharacters;
    },
    addResource: () => {
      resources += 1;
      if (resources > templateLimits.resources) {
        throw new TemplateFault('tooLarge', `the template deploys more than ${templateLimits.resources} resources`);
      }
    },
  };
}

/** To be called with the depth of what is entered. Throws {@link TemplateFault} `tooLarge`. */
export function checkDepth(depth: number): void {
  if (depth > templateLimits.depth) throw new TemplateFault('tooLarge', `the template nests deeper than ${templateLimits.depth} levels`);
}
