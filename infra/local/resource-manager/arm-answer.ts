import type { Json } from './json.ts';

/** What a request did: `write`, `delete` and `action` also when it was only accepted and ends later. */
export type Effect = { readonly kind: 'write' | 'delete' | 'action'; readonly resourceId: string };

export type ArmAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for an answer without a body. */
  readonly body: Json | undefined;
  readonly effect: Effect | undefined;
};

export function ok(body: Json, effect?: Effect, headers: Readonly<Record<string, string>> = {}): ArmAnswer {
  return { status: 200, headers, body, effect };
}

export function answer(status: number, options: Partial<Omit<ArmAnswer, 'status'>> = {}): ArmAnswer {
  return { status, headers: options.headers ?? {}, body: options.body, effect: options.effect };
}

/** A refusal in ARM's shape. */
export function armError(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): ArmAnswer {
  return { status, headers, body: { error: { code, message } }, effect: undefined };
}

export function methodNotAllowed(method: string, allowed: readonly string[]): ArmAnswer {
  const message = `The requested resource does not support http method '${method}'.`;
  return armError(405, 'MethodNotAllowed', message, { allow: allowed.join(', ') });
}

export function resourceNotFound(typeAndName: string, groupName: string | undefined): ArmAnswer {
  const place = groupName === undefined ? '' : ` under resource group '${groupName}'`;
  const help = 'For more details please go to https://aka.ms/ARMResourceNotFoundFix';
  return armError(404, 'ResourceNotFound', `The Resource '${typeAndName}'${place} was not found. ${help}`);
}

export function resourceGroupNotFound(name: string): ArmAnswer {
  return armError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

export function subscriptionNotFound(subscriptionId: string): ArmAnswer {
  return armError(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);
}

export function invalidContent(detail: string): ArmAnswer {
  return armError(400, 'InvalidRequestContent', `The request content was invalid and could not be deserialized: '${detail}'.`);
}
