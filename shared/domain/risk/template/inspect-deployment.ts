import type { JsonValue } from '../../json.ts';
import { templateLimits } from './budget.ts';
import { outputsOf, showsSecret } from './deployed-outputs.ts';
import { inspectOptions, isAbsent, isIncremental } from './deployment-options.ts';
import { type FoundResource, findResources, isOdd } from './find-resources.ts';
import type { Inspection } from './inspection.ts';
import { judgeResource } from './judge-resource.ts';
import { judgedBody } from './judged-body.ts';
import { type Deployment, isDeploymentType, nestedDeployment } from './nested-deployment.ts';
import type { OpenTemplate } from './open-template.ts';
import { shownByNested } from './secret-reach.ts';
import { storedTemplateFactor } from './stored-templates.ts';
import { TemplateFault } from './template-fault.ts';
import { propertyOf, Unknown } from './template-value.ts';

/** Judges everything that a deployment carries. Throws TemplateFault; what was found before is in the factors. */
export function inspectDeployment(deployment: Deployment, inspection: Inspection, nesting: number): void {
  const { factors } = inspection;
  if (nesting > templateLimits.nesting)
    throw new TemplateFault('tooLarge', `more than ${templateLimits.nesting} templates within each other`);
  const { properties } = deployment;
  inspectOptions(properties, factors);
  const template = propertyOf(properties, 'template');
  if (template instanceof Unknown) {
    factors.add('templateUnresolved', `the template: ${template.shown}`);
    return;
  }
  if (template === undefined || template === null) {
    if (isAbsent(propertyOf(properties, 'templateLink'))) throw new TemplateFault('notUnderstood', 'there is no template');
    return;
  }
  const opened = inspection.open(deployment);
  for (const found of findResources(opened)) {
    if (isOdd(found)) factors.add(found.odd === 'otherApi' ? 'templateOtherApi' : 'templateUnresolved', found.reason);
    else inspectUnderstood(found, inspection, nesting);
    if (!isOdd(found) && isDeploymentType(found.address.type)) tellShown(found, opened, inspection);
  }
  for (const { name, written, value, isOpen } of outputsOf(opened)) {
    if (isOpen && (opened.reachesSecret(written) || showsSecret(value, opened.secrets, inspection.budget)))
      factors.add('templateRevealsSecrets', `output ${name}`);
  }
}

function tellShown({ raw, address }: FoundResource, { reachesSecret }: OpenTemplate, { factors }: Inspection): void {
  for (const shown of shownByNested(propertyOf(raw, 'properties'), reachesSecret))
    factors.add('templateRevealsSecrets', `${shown}, of ${address.name}`);
}

/** What one resource hides is told, and the others are looked at all the same. */
function inspectUnderstood(found: FoundResource, inspection: Inspection, nesting: number): void {
  try {
    inspectResource(found, inspection, nesting);
  } catch (error) {
    if (!(error instanceof TemplateFault) || error.code !== 'notUnderstood') throw error;
    inspection.factors.add('templateNotUnderstood', `${found.address.type ?? 'a resource'} ${found.address.name}: ${error.message}`);
  }
}

function inspectResource(found: FoundResource, inspection: Inspection, nesting: number): void {
  const { address } = found;
  const { factors } = inspection;
  const where = `${address.type ?? 'a resource'} ${address.name}`;
  if (address.unresolved.length > 0) factors.add('templateUnresolved', `${address.unresolved.join(', ')} of ${where}`);
  if (address.id !== undefined && address.isExact && found.isCertain) inspection.named.add(address.id.toLowerCase());
  const stored = address.type === undefined ? undefined : storedTemplateFactor(address.type);
  if (stored !== undefined) factors.add(stored, where);
  if (isDeploymentType(address.type)) enterNested(found, inspection, nesting, where);
  else if (address.id !== undefined) judgeResource(found, address.id, inspection, where);
}

function enterNested({ raw, context, address }: FoundResource, inspection: Inspection, nesting: number, where: string): void {
  const { factors } = inspection;
  const deployment = nestedDeployment(raw, context);
  if (deployment === undefined) {
    factors.add('templateUnresolved', `properties or scope of ${where}`);
    return;
  }
  if (deployment.scope.id.toLowerCase() !== context.scope.id.toLowerCase())
    factors.add('templateReachesOut', `to ${deployment.scope.id || '/'}`);
  if (address.type === 'microsoft.resources/deploymentstacks') factors.add('deletesUnseen', `a stack within a template: ${where}`);
  if (!isIncremental(propertyOf(deployment.properties, 'mode'))) factors.add('deletesUnseen', `complete mode of ${where}`);
  if (address.id !== undefined)
    inspection.note({ method: 'PUT', path: address.id, apiVersion: '2021-04-01', body: besideTemplate(deployment, inspection) });
  inspectDeployment(deployment, inspection, nesting + 1);
}

/** What a nested deployment says beside its template, which is unpacked by itself: parameters, and the vaults and addresses that they come from. */
function besideTemplate({ properties }: Deployment, { budget }: Inspection): JsonValue {
  const others = Object.fromEntries(Object.entries(properties).filter(([name]) => name.toLowerCase() !== 'template'));
  return judgedBody({ properties: others }, budget, ({ shown }) => shown).body;
}
