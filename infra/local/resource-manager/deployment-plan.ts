import { outputsOf } from '../../../shared/domain/risk/template/deployed-outputs.ts';
import { evaluateValue } from '../../../shared/domain/risk/template/evaluate.ts';
import { type FoundResource, findResources, isOdd } from '../../../shared/domain/risk/template/find-resources.ts';
import { type Inspection, makeInspection } from '../../../shared/domain/risk/template/inspection.ts';
import { judgedBody, sentElements } from '../../../shared/domain/risk/template/judged-body.ts';
import { type Deployment, nestedDeployment } from '../../../shared/domain/risk/template/nested-deployment.ts';
import { EvaluationFault, TemplateFault } from '../../../shared/domain/risk/template/template-fault.ts';
import { propertyOf, Unknown } from '../../../shared/domain/risk/template/template-value.ts';
import { type ArmAnswer, armError, resourceNotFound } from './arm-answer.ts';
import { groupIdOf, idKey, sameText } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed } from './call.ts';
import { resourceGroupType } from './containers.ts';
import { asObject, type JsonObject } from './json.ts';
import { checkLocks } from './locks.ts';
import { checkName } from './naming.ts';
import { newResource } from './new-resource.ts';
import { contentOfPut, locationOf } from './resource-content.ts';
import { type ResourceType, resourceTypeOf } from './resource-types.ts';
import { checkContainers, checkGroupTakesWrites, groupNameOf, typeAndName } from './scopes.ts';
import type { StoredResource } from './state-store.ts';

/** What a deployment would do. */
export type DeploymentPlan = {
  /** As they would be afterwards, in the order of the template. */
  readonly puts: readonly StoredResource[];
  /** Of complete mode: what is in the group and not in the template. */
  readonly removes: readonly StoredResource[];
  readonly outputs: JsonObject;
};
export type Planned = { readonly kind: 'plan'; readonly plan: DeploymentPlan } | { readonly kind: 'refused'; readonly answer: ArmAnswer };

/** Thrown while a plan is made, and turned into its refusal. */
class PlanRefused extends Error {
  readonly answer: ArmAnswer;
  constructor(answer: ArmAnswer) {
    super('The deployment cannot be planned.');
    this.answer = answer;
  }
}

const maxNesting = 5;

/** Types that have rules of their own when they are written, which a template must not get round. */
const notDeployed = ['microsoft.authorization/roleassignments', 'microsoft.resources/tags', 'microsoft.resources/deploymentstacks'];

/** Evaluates the template and checks each of its resources as a PUT of it would be checked; nothing is written. */
export function planDeployment(deployment: Deployment, mode: 'Incremental' | 'Complete', call: ArmCall): Planned {
  const planning: Planning = { call, puts: [], inspection: makeInspection(() => []) };
  try {
    const opened = planTemplate(deployment, planning, 0);
    const outputs = Object.fromEntries(
      outputsOf(opened)
        .filter(({ isOpen }) => isOpen)
        .map(({ name, value }) => [name, { value: exactly(value, `output ${name}`, planning) }]),
    );
    const removes = mode === 'Complete' ? leftOut(deployment.scope.id, planning) : [];
    return { kind: 'plan', plan: { puts: planning.puts, removes, outputs: asObject(outputs) ?? {} } };
  } catch (error) {
    if (error instanceof PlanRefused) {
      return { kind: 'refused', answer: error.answer };
    }
    if (error instanceof TemplateFault || error instanceof EvaluationFault) {
      return { kind: 'refused', answer: invalidTemplate(error.message) };
    }
    throw error;
  }
}

type Planning = { readonly call: ArmCall; readonly puts: StoredResource[]; readonly inspection: Inspection };

function planTemplate(deployment: Deployment, planning: Planning, nesting: number): ReturnType<Inspection['open']> {
  if (nesting > maxNesting) {
    throw new PlanRefused(invalidTemplate('there are too many templates within each other'));
  }
  const opened = planning.inspection.open(deployment);
  for (const found of findResources(opened)) {
    if (isOdd(found)) {
      throw new PlanRefused(invalidTemplate(`${found.reason} cannot be told`));
    }
    planFound(found, planning, nesting);
  }
  return opened;
}

function planFound(found: FoundResource, planning: Planning, nesting: number): void {
  const { raw, context, address, isCertain } = found;
  const { type, id, unresolved } = address;
  if (!isCertain || type === undefined || id === undefined || unresolved.length > 0) {
    throw new PlanRefused(invalidTemplate(`${[...unresolved, 'the condition'][0]} of ${address.name} cannot be told`));
  }
  if (notDeployed.includes(type)) {
    throw new PlanRefused(invalidTemplate(`a ${type} is not deployed by this stand-in`));
  }
  if (type === 'microsoft.resources/deployments') {
    const nested = nestedDeployment(raw, context);
    if (nested === undefined) {
      throw new PlanRefused(invalidTemplate(`the deployment ${address.name} cannot be told`));
    }
    mayDo('Microsoft.Resources/deployments/write', nested.scope.id, planning.call);
    planTemplate(nested, planning, nesting + 1);
    return;
  }
  const isGroup = type === 'microsoft.resources/resourcegroups' || type === 'microsoft.resources/subscriptions/resourcegroups';
  const written = propertyOf(raw, 'type');
  const row = resourceTypeOf(isGroup ? resourceGroupType : typeof written === 'string' && sameText(written, type) ? written : type);
  planPut(found, row, isGroup ? id : spelled(id, row.type), planning);
}

function planPut({ raw, context }: FoundResource, row: ResourceType, id: string, planning: Planning): void {
  const { call, puts } = planning;
  const { store } = call.service;
  const existing = store.find(id);
  const actionName = row.type === resourceGroupType ? 'Microsoft.Resources/subscriptions/resourceGroups' : row.type;
  mayDo(`${actionName}/write`, id, call);
  const refusal =
    checkLocks(store, id, 'write') ?? checkGroupTakesWrites(store, id) ?? checkName(store, id, row) ?? checkAround(id, row, planning);
  if (refusal !== undefined) {
    throw new PlanRefused(invalidDeployment(refusal));
  }
  const evaluated = evaluateValue(sentElements(raw), context);
  const body = asObject(exactly(evaluated, id, planning)) ?? {};
  const isHere = propertyOf(evaluated, 'location') instanceof Unknown;
  const read = contentOfPut(isHere ? { ...body, location: locationOfGroup(id, planning) ?? null } : body, row, existing);
  if (read.kind === 'refused') {
    throw new PlanRefused(invalidDeployment(read.answer));
  }
  puts.push(newResource({ id, type: row.type, content: read.content, provisioningState: 'Succeeded', now: call.now }, existing));
}

function mayDo(name: string, id: string, call: ArmCall): void {
  const action = { name, readOnly: false };
  if (!isAllowed(call, action, id)) {
    throw new PlanRefused(authorizationFailed(call.caller, action, id));
  }
}

/** The group and the parent must be there, or be made by the same deployment. */
function checkAround(id: string, { type }: ResourceType, planning: Planning): ArmAnswer | undefined {
  const isPlanned = (wanted: string): boolean => planning.puts.some((put) => idKey(put.id) === idKey(wanted));
  const groupId = groupIdOf(id);
  if (type !== resourceGroupType && groupId !== undefined && !isPlanned(groupId)) {
    const missing = checkContainers(planning.call.service.store, id);
    if (missing !== undefined) {
      return missing;
    }
  }
  if (type.split('/').length <= 2) {
    return undefined;
  }
  const parentId = id.split('/').slice(0, -2).join('/');
  const isThere = isPlanned(parentId) || planning.call.service.store.find(parentId) !== undefined;
  return isThere ? undefined : resourceNotFound(typeAndName(parentId), groupNameOf(parentId));
}

function locationOfGroup(id: string, { puts, call }: Planning): string | undefined {
  const groupId = groupIdOf(id) ?? '';
  const group = puts.find((put) => sameText(put.id, groupId)) ?? call.service.store.find(groupId);
  return group === undefined ? undefined : locationOf(group);
}

/** The value as JSON; refused where only Azure could tell it, but for a location and for names that are made up. */
function exactly(value: Parameters<typeof judgedBody>[0], what: string, { inspection }: Planning) {
  const { body, unresolved } = judgedBody(value, inspection.budget, ({ shown }) => shown);
  if (unresolved.length > 0) {
    throw new PlanRefused(invalidTemplate(`${unresolved.join(', ')} of ${what} cannot be evaluated`));
  }
  return body;
}

/** Resources of the group itself, not of other resources; records of deployments, locks and the like stay. */
function leftOut(groupId: string, { puts, call }: Planning): readonly StoredResource[] {
  const directly = /^\/providers\/[^/]+\/[^/]+\/[^/]+$/i;
  const stays = /^microsoft\.(?:authorization|resources)\//i;
  const removes = call.service.store
    .all()
    .filter(({ id, type }) => sameText(groupIdOf(id) ?? '', groupId) && directly.test(id.slice(groupId.length)) && !stays.test(type))
    .filter(({ id }) => !puts.some((put) => sameText(put.id, id)));
  for (const { id, type } of removes) {
    mayDo(`${type}/delete`, id, call);
    const refusal = checkLocks(call.service.store, id, 'delete');
    if (refusal !== undefined) {
      throw new PlanRefused(invalidDeployment(refusal));
    }
  }
  return removes;
}

/** The id with its types as their provider spells them. */
function spelled(id: string, type: string): string {
  const at = id.toLowerCase().lastIndexOf('/providers/');
  const [, ...pairs] = id.slice(at + '/providers/'.length).split('/');
  const [namespace = '', ...types] = type.split('/');
  return [id.slice(0, at), 'providers', namespace, ...types.flatMap((each, index) => [each, pairs[2 * index + 1] ?? ''])].join('/');
}

export function invalidTemplate(detail: string): ArmAnswer {
  return armError(400, 'InvalidTemplate', `Deployment template validation failed: '${detail}'.`);
}

/** A refusal of one resource, as the refusal of the deployment. */
function invalidDeployment({ body }: ArmAnswer): ArmAnswer {
  const message = 'The template deployment failed with validation errors. See the inner errors for details.';
  const inner = asObject(asObject(body)?.['error']) ?? {};
  return { status: 400, headers: {}, body: { error: { code: 'InvalidTemplateDeployment', message, details: [inner] } }, effect: undefined };
}
