import { z } from 'zod';
import { type ArmAnswer, answer, armError, invalidContent, ok } from './arm-answer.ts';
import { type ArmCall, readObject } from './call.ts';
import type { JsonObject } from './json.ts';
import { beginOperation, isBeingDeleted, pollingHeaders } from './long-running.ts';
import { stylesOf } from './long-running-styles.ts';
import { effectOfAction } from './operation-endings.ts';
import { withPowerState } from './resource-states.ts';
import { resourceTypeOf, type VirtualMachineAction } from './resource-types.ts';
import type { StoredResource } from './state-store.ts';

const runCommandInput = z.object({
  commandId: z.enum(['RunShellScript', 'RunPowerShellScript']),
  script: z.array(z.string()),
  parameters: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
});

/** What the machine is doing now, as `…/instanceView` shows it. */
export function instanceViewOf({ hidden }: StoredResource): JsonObject {
  const powerState = hidden.kind === 'virtualMachine' ? hidden.powerState : 'unknown';
  return {
    statuses: [
      { code: 'ProvisioningState/succeeded', level: 'Info', displayStatus: 'Provisioning succeeded' },
      { code: `PowerState/${powerState}`, level: 'Info', displayStatus: `VM ${powerState}` },
    ],
  };
}

/** `POST …/start`, `/restart`, `/deallocate`, `/runCommand`: accepted with 202 and ended by the clock, unless the style of the type is another. */
export function actOnMachine(action: VirtualMachineAction, machine: StoredResource, call: ArmCall): ArmAnswer {
  const refusal = checkMachine(action, machine, call);
  if (refusal !== undefined) {
    return refusal;
  }
  const { store, longRunning } = call.service;
  const effect = { kind: 'action', resourceId: machine.id } as const;
  const { action: style } = stylesOf(resourceTypeOf(machine.type), longRunning);
  if (style === 'atOnce' || style === 'noContent') {
    const { put, output } = effectOfAction(action, machine);
    store.commit({ put });
    return output === undefined || style === 'noContent' ? answer(204, { effect }) : ok(output, effect);
  }
  const operation = beginOperation(action, machine, call, style);
  store.commit({ put: [duringAction(action, machine)], operations: [operation] });
  return answer(202, { headers: pollingHeaders(operation, call), effect });
}

function checkMachine(action: VirtualMachineAction, machine: StoredResource, call: ArmCall): ArmAnswer | undefined {
  if (isBeingDeleted(call.service.store, machine.id)) {
    return notAllowed(`Operation '${action}' is not allowed on VM '${machine.name}' since the VM is marked for deletion.`);
  }
  if (action === 'runCommand') {
    const body = readObject(call);
    if (body.kind === 'refused') {
      return body.answer;
    }
    if (!runCommandInput.safeParse(body.object).success) {
      return invalidContent('commandId, script and parameters are expected');
    }
  }
  const running = machine.hidden.kind === 'virtualMachine' && machine.hidden.powerState === 'running';
  return !running && (action === 'runCommand' || action === 'restart')
    ? notAllowed(`Operation '${action}' is not allowed on VM '${machine.name}' since the VM is not running.`)
    : undefined;
}

function duringAction(action: VirtualMachineAction, machine: StoredResource): StoredResource {
  switch (action) {
    case 'start':
      return withPowerState(machine, 'starting');
    case 'deallocate':
      return withPowerState(machine, 'deallocating');
    case 'restart':
    case 'runCommand':
      return machine;
  }
}

function notAllowed(message: string): ArmAnswer {
  return armError(409, 'OperationNotAllowed', message);
}
