import { type Assessment, type Environment, type RiskFactor, worst } from '../assessment.ts';
import { factorOf, type RiskRow } from './rule.ts';

/** A secret that a request would put somewhere when it runs. */
export type SecretUse = {
  /** The reference as it stands in the request. */
  readonly text: string;
  readonly place: string;
  readonly environment: Environment;
  /** Whether whoever reads the target afterwards would be shown the value there. */
  readonly readable: boolean;
};

export const secretUseRows = {
  usesSecret: {
    code: 'usesSecret',
    level: 'high',
    detail: 'Countersign puts a secret into the request.',
    raisedBy: 'a reference `countersign://secret/…` in the body',
  },
  exposesSecret: {
    code: 'exposesSecret',
    level: 'critical',
    detail: 'Readers of the target could read it.',
    raisedBy:
      'a reference at a place that is not one for secrets, as a tag, a name or a description; any in a template or a script, whose outputs could show it',
  },
  takesSecretOutOfProduction: {
    code: 'takesSecretOutOfProduction',
    level: 'critical',
    detail: 'A secret of production goes elsewhere.',
    raisedBy: 'a reference to a vault in production in a request about something else',
  },
} as const satisfies Record<string, RiskRow>;

/** The assessment of a request with the secrets that it uses; only ever stricter. */
export function withSecretUses(assessment: Assessment, uses: readonly SecretUse[]): Assessment {
  const factors = [...assessment.factors, ...uses.flatMap((use) => factorsOf(use, assessment.environment))];
  return { ...assessment, level: factors.map(({ level }) => level).reduce(worst, assessment.level), factors };
}

function factorsOf({ text, place, environment, readable }: SecretUse, target: Environment): readonly RiskFactor[] {
  // First what is used: a long place would push it out of what people are shown.
  const evidence = `${text} at ${place}`;
  return [
    factorOf(secretUseRows.usesSecret, environment, evidence),
    ...(readable ? [factorOf(secretUseRows.exposesSecret, environment, evidence)] : []),
    ...(environment === 'production' && target !== 'production'
      ? [factorOf(secretUseRows.takesSecretOutOfProduction, environment, evidence)]
      : []),
  ];
}
