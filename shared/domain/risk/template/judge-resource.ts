import { findNameInTwoCases } from '../../arm-property.ts';
import type { RiskFactor } from '../../assessment.ts';
import type { JsonValue } from '../../json.ts';
import type { NestedCall } from '../subject.ts';
import { evaluateValue } from './evaluate.ts';
import type { FoundResource } from './find-resources.ts';
import type { Inspection } from './inspection.ts';
import { judgedBody, sentElements } from './judged-body.ts';
import { propertyOf } from './template-value.ts';
import { worstValues } from './worst-values.ts';

/** What stands for an API version that cannot be told. */
const someApiVersion = '2021-04-01';

/** Judges one resource as a call of its own, and what cannot be told of it as the worst that it might be. */
export function judgeResource({ raw, context }: FoundResource, id: string, inspection: Inspection, where: string): void {
  const { factors, budget } = inspection;
  const elements = evaluateValue(sentElements(raw), context);
  const version = evaluateValue(propertyOf(raw, 'apiVersion') ?? null, context);
  const apiVersion = typeof version === 'string' ? version : someApiVersion;
  const callWith = (body: JsonValue): NestedCall => ({ method: 'PUT', path: id, apiVersion, body });
  const { body, unresolved, characters } = judgedBody(elements, budget, ({ shown }) => shown);
  budget.expand(characters);
  const twice = findNameInTwoCases(body);
  if (twice !== undefined) factors.add('templateNotUnderstood', `${where} names "${twice}" twice, in different case`);
  inspection.note(callWith(body));
  const judged = inspection.judge(callWith(body));
  factors.addAll(judged, where);
  const [first] = unresolved;
  if (first === undefined) return;
  if (unresolved.includes('properties')) {
    factors.add('templateUnresolved', `properties of ${where}`);
    return;
  }
  factors.add('templateValueUnresolved', `${first} of ${where}`);
  if (isCritical(judged)) return;
  if (!budget.mayTry(characters * worstValues.length)) {
    factors.add('templateValueMayBeWorst', `${first} of ${where}, which is too large to be tried`);
    return;
  }
  const worst = worstValues.find((value) => isCritical(inspection.judge(callWith(judgedBody(elements, budget, () => value).body))));
  if (worst !== undefined) factors.add('templateValueMayBeWorst', `${first} of ${where}, were it ${JSON.stringify(worst)}`);
}

function isCritical(factors: readonly RiskFactor[]): boolean {
  return factors.some(({ level }) => level === 'critical');
}
