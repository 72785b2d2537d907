import type { RiskFactor } from '../../assessment.ts';
import type { AssessNested, NestedCall, RuleSubject } from '../subject.ts';
import type { Asks } from './context.ts';
import { isIncremental } from './deployment-options.ts';
import { type DeploymentScope, scopeOfId } from './deployment-scope.ts';
import { inspectDeployment } from './inspect-deployment.ts';
import { type Inspection, makeInspection } from './inspection.ts';
import { judgeCompleteMode } from './left-out.ts';
import { inspectStack, inspectStackDeletion } from './stacks.ts';
import { storedTemplateFactor } from './stored-templates.ts';
import { TemplateFault } from './template-fault.ts';
import { isObject, propertyOf, type TemplateObject, type TemplateValue, Unknown } from './template-value.ts';

/**
 * The factors of the template that a call carries: each resource in it judged as a call of its own, and what cannot be told, or is left out, as the worst.
 * Nothing for calls that carry no template. Pure and synchronous; time and memory are bounded by `templateLimits`.
 */
export function inspectTemplate(subject: RuleSubject, assessNested: AssessNested): readonly RiskFactor[] {
  return inspected(subject, makeInspection(assessNested));
}

export type CarriedCalls = {
  readonly calls: readonly NestedCall[];
  /** What its expressions have Azure read, by `reference` and `list…`: ids and names, as they are written or put together. */
  readonly reads: readonly string[];
  /** False where more, or others, may be carried: a part could not be told, whose secrets are listed neither, or the template was too large. Linked templates are not counted. */
  readonly isWhole: boolean;
};

/** Codes that say that a template holds more than could be seen. */
const hiding: ReadonlySet<string> = new Set(['templateUnresolved', 'templateNotUnderstood', 'templateTooLarge']);

/** The calls that a template amounts to, in their order; none where the call carries no template. Pure. */
export function carriedCalls(carrier: Pick<RuleSubject, 'request' | 'path'>): CarriedCalls {
  const calls: NestedCall[] = [];
  const reads = new Set<string>();
  let isTold = true;
  const asks: Asks = (target, isSecret) => {
    if (typeof target === 'string') reads.add(target);
    else if (target instanceof Unknown && target.kind !== 'anything') reads.add(target.shown);
    else if (isSecret) isTold = false;
  };
  const inspection = makeInspection(() => [], { note: (call) => calls.push(call), asks });
  const factors = inspected({ ...carrier, exists: false, current: undefined, contents: undefined }, inspection);
  return { calls, reads: [...reads], isWhole: isTold && !factors.some(({ code }) => hiding.has(code)) };
}

/** What is looked at of the call that carries a template. */
type Carrier = Pick<RuleSubject, 'request' | 'path' | 'exists' | 'current' | 'contents'>;

function inspected(carrier: Carrier, inspection: Inspection): readonly RiskFactor[] {
  try {
    inspectCall(carrier, inspection);
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    inspection.factors.add(error.code === 'tooLarge' ? 'templateTooLarge' : 'templateNotUnderstood', error.message);
  }
  return inspection.factors.all();
}

function inspectCall(subject: Carrier, inspection: Inspection): void {
  const { request, path } = subject;
  const isWrite = request.method === 'PUT' || request.method === 'PATCH';
  if (isWrite && path.type === 'microsoft.resources/deployments') inspectDeploymentCall(subject, inspection);
  if (isWrite && path.type === 'microsoft.resources/deploymentstacks') inspectStackCall(subject, inspection);
  if (request.method === 'DELETE' && path.type === 'microsoft.resources/deploymentstacks') inspectStackDeletion(subject, inspection);
  const stored = isWrite ? storedTemplateFactor(path.type) : undefined;
  if (stored !== undefined) inspection.factors.add(stored, path.type);
}

function inspectDeploymentCall(subject: Carrier, inspection: Inspection): void {
  const { properties, scope, name, location } = callOf(subject);
  if (scope === undefined) throw new TemplateFault('notUnderstood', 'no template can be deployed there');
  inspectDeployment({ scope, name, location, properties }, inspection, 0);
  if (isIncremental(propertyOf(properties, 'mode'))) return;
  const { judge, factors, named } = inspection;
  judgeCompleteMode(scope.resourceGroup === undefined ? undefined : subject.contents, { judge, factors, named });
}

/** A stack deploys into its own scope, or into a narrower one that it names. */
function inspectStackCall(subject: Carrier, inspection: Inspection): void {
  const { properties, scope, name, location } = callOf(subject);
  const narrower = propertyOf(properties, 'deploymentScope');
  const target = narrower === undefined || narrower === null ? scope : typeof narrower === 'string' ? scopeOfId(narrower) : undefined;
  if (target === undefined) throw new TemplateFault('notUnderstood', 'the scope of the stack is none that a template can be deployed to');
  inspectDeployment({ scope: target, name, location, properties }, inspection, 0);
  inspectStack(properties, subject, inspection);
}

type CarryingCall = {
  readonly properties: TemplateObject;
  readonly scope: DeploymentScope | undefined;
  readonly name: TemplateValue;
  readonly location: TemplateValue;
};

/** The parts of a call by which a template is deployed; `scope` is undefined where none can be. Throws TemplateFault. */
function callOf({ request, path }: Carrier): CarryingCall {
  const body: TemplateValue = request.body ?? null;
  const properties = propertyOf(body, 'properties');
  if (!isObject(properties)) throw new TemplateFault('notUnderstood', 'the body has no properties');
  const holder = path.resource.slice(0, path.resource.lastIndexOf('/providers/'));
  return {
    properties,
    scope: scopeOfId(holder),
    name: new Unknown('place', path.name ?? ''),
    location: propertyOf(body, 'location') ?? null,
  };
}
