import { z } from 'zod';
import { scopeOfId } from '../../../shared/domain/risk/template/deployment-scope.ts';
import { type ArmAnswer, answer, armError, invalidContent, ok } from './arm-answer.ts';
import { baseIdOf, type CollectionTarget, type ResourceTarget, sameText, typeOf } from './arm-path.ts';
import { authorizationFailed } from './authorization.ts';
import { type ArmCall, isAllowed, type Refused, readObject, refuse } from './call.ts';
import { type DeploymentPlan, invalidTemplate, planDeployment } from './deployment-plan.ts';
import { type JsonObject, jsonObject } from './json.ts';
import { beginOperation, pollingHeaders, underWay } from './long-running.ts';
import { newResource } from './new-resource.ts';
import { presentResource } from './resource-content.ts';
import { withProvisioningState } from './resource-states.ts';
import { resourceTypeOf } from './resource-types.ts';
import { checkGroupTakesWrites, checkScope } from './scopes.ts';
import { whatIfChanges } from './what-if.ts';

export const deploymentType = 'Microsoft.Resources/deployments';

const deploymentBody = z.object({
  location: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  properties: z.looseObject({
    mode: z.enum(['Incremental', 'Complete']),
    template: jsonObject.exactOptional(),
    parameters: jsonObject.exactOptional(),
  }),
});
type DeploymentBody = z.infer<typeof deploymentBody>;

type Read = { readonly kind: 'read'; readonly name: string; readonly body: DeploymentBody; readonly plan: DeploymentPlan } | Refused;

/** `PUT {scope}/providers/Microsoft.Resources/deployments/{name}`: planned and checked at once, done when the operation ends. */
export function putDeployment(target: ResourceTarget, call: ArmCall): ArmAnswer {
  const read = readDeployment(target.scopeId, target.id, `${deploymentType}/write`, call);
  if (read.kind === 'refused') {
    return read.answer;
  }
  const { store } = call.service;
  const active = underWay(store, 'deploy', target.id);
  if (active !== undefined) {
    const message = `Unable to edit or replace deployment '${read.name}': previous deployment from '${active.startedAt}' is still active.`;
    return armError(409, 'DeploymentActive', message);
  }
  const existing = store.find(target.id);
  const { body, plan } = read;
  const content = {
    ...(body.location === undefined ? {} : { location: body.location }),
    ...(body.tags === undefined ? {} : { tags: body.tags }),
    properties: { ...recordOf(read, call), outputs: plan.outputs, outputResources: plan.puts.map(({ id }) => ({ id })) },
  };
  const written = newResource({ id: target.id, type: deploymentType, content, now: call.now }, existing);
  const pending = withProvisioningState(written, 'Accepted');
  const changes = { put: [...plan.puts], removeTrees: plan.removes.map(({ id }) => id) };
  const operation = { ...beginOperation('deploy', pending, call, 'asyncOperation'), changes };
  store.commit({ put: [pending], operations: [operation] });
  return answer(existing === undefined ? 201 : 200, {
    body: presentResource(pending, resourceTypeOf(deploymentType)),
    headers: pollingHeaders(operation, call),
    effect: { kind: 'write', resourceId: pending.id },
  });
}

/** `POST …/deployments/{name}/validate` and `/whatIf`, which change nothing; undefined where the path is another action. */
export function answerDeploymentAction(target: CollectionTarget, call: ArmCall): ArmAnswer | undefined {
  if (!sameText(typeOf(target), deploymentType)) {
    return undefined;
  }
  switch (target.last.toLowerCase()) {
    case 'validate':
      return validate(target, call);
    case 'whatif':
      return whatIf(target, call);
    default:
      return undefined;
  }
}

function validate(target: CollectionTarget, call: ArmCall): ArmAnswer {
  const id = baseIdOf(target);
  const read = readDeployment(target.scopeId, id, `${deploymentType}/validate/action`, call);
  if (read.kind === 'refused') {
    return read.answer;
  }
  const validatedResources = read.plan.puts.map((put) => ({ id: put.id }));
  const properties = { ...recordOf(read, call), provisioningState: 'Succeeded', validatedResources };
  return ok({ id, name: read.name, type: deploymentType, properties });
}

/** The result lies behind `Location`, as in the cloud. */
function whatIf(target: CollectionTarget, call: ArmCall): ArmAnswer {
  const read = readDeployment(target.scopeId, baseIdOf(target), `${deploymentType}/whatIf/action`, call);
  const scope = call.service.store.find(target.scopeId);
  if (read.kind === 'refused' || scope === undefined) {
    return read.kind === 'refused' ? read.answer : invalidTemplate('there is no such scope');
  }
  const changes = whatIfChanges(read.plan, read.body.properties.mode, target.scopeId, call.service.store);
  const output = { status: 'Succeeded', properties: { changes: [...changes] } };
  const operation = { ...beginOperation('whatIf', scope, call, 'location'), output };
  call.service.store.commit({ operations: [operation] });
  return answer(202, { headers: pollingHeaders(operation, call) });
}

function readDeployment(scopeId: string, id: string, actionName: string, call: ArmCall): Read {
  const action = { name: actionName, readOnly: false };
  if (!isAllowed(call, action, scopeId)) {
    return refuse(authorizationFailed(call.caller, action, scopeId));
  }
  const { store } = call.service;
  const missing = checkScope(store, scopeId) ?? checkGroupTakesWrites(store, scopeId);
  const scope = scopeOfId(scopeId);
  if (missing !== undefined || scope === undefined || scope.subscriptionId === undefined) {
    return refuse(missing ?? armError(400, 'InvalidDeploymentScope', 'Deployments go into a subscription or a resource group here.'));
  }
  const read = readObject(call);
  if (read.kind === 'refused') {
    return read;
  }
  const parsed = deploymentBody.safeParse(read.object);
  if (!parsed.success) {
    return refuse(invalidContent('properties.mode and properties.template are expected'));
  }
  const refusal = checkBody(parsed.data, scope.resourceGroup !== undefined);
  if (refusal !== undefined) {
    return refuse(refusal);
  }
  const name = id.slice(id.lastIndexOf('/') + 1);
  const { location, properties } = parsed.data;
  const { template = {}, parameters = {}, mode } = properties;
  const planned = planDeployment({ scope, name, location: location ?? null, properties: { template, parameters } }, mode, call);
  return planned.kind === 'refused' ? planned : { kind: 'read', name, body: parsed.data, plan: planned.plan };
}

function checkBody({ location, properties }: DeploymentBody, inGroup: boolean): ArmAnswer | undefined {
  const { template, parameters = {}, mode } = properties;
  if (template === undefined) {
    return invalidTemplate('the template must be in the request; links are not followed by this stand-in');
  }
  if (inGroup === (location !== undefined)) {
    return inGroup
      ? armError(400, 'InvalidDeployment', 'The location property is not allowed for a deployment at resource group scope.')
      : armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  if (!inGroup && mode === 'Complete') {
    return armError(400, 'InvalidDeployment', 'The Complete deployment mode is not supported at this scope.');
  }
  const declared = jsonObject.safeParse(template['parameters']);
  const names = Object.keys(declared.success ? declared.data : {}).map((name) => name.toLowerCase());
  const unknown = Object.keys(parameters).filter((name) => !names.includes(name.toLowerCase()));
  return unknown.length === 0
    ? undefined
    : invalidTemplate(
        `the following parameters were supplied, but do not correspond to any parameters defined in the template: '${unknown.join(', ')}'`,
      );
}

/** What the record of a deployment shows of its request: no template, and of secure parameters the type only. */
function recordOf({ body }: Extract<Read, { kind: 'read' }>, call: ArmCall): JsonObject {
  const { mode, template = {}, parameters = {} } = body.properties;
  const declared = jsonObject.safeParse(template['parameters']);
  const typeOfParameter = (name: string): string => {
    const [, parameter] = Object.entries(declared.success ? declared.data : {}).find(([each]) => sameText(each, name)) ?? [];
    const typed = z.object({ type: z.string() }).safeParse(parameter);
    return typed.success ? typed.data.type : 'String';
  };
  const shown = Object.entries(parameters).map(([name, given]) => {
    const type = typeOfParameter(name);
    return [name, /^secure/i.test(type) ? { type } : { type, ...jsonObject.safeParse(given).data }];
  });
  const { headers } = call;
  const correlationId = headers['x-ms-correlation-request-id'];
  return {
    mode,
    parameters: jsonObject.parse(Object.fromEntries(shown)),
    timestamp: new Date(call.now).toISOString(),
    ...(typeof correlationId === 'string' ? { correlationId } : {}),
  };
}
