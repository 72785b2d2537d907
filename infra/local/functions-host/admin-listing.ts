import type { FunctionDefinition } from './triggers.ts';

export type ListedFunction = {
  readonly name: string;
  readonly config: { readonly bindings: readonly Readonly<Record<string, unknown>>[] };
  readonly language: 'node';
  readonly isDisabled: boolean;
  readonly invoke_url_template: string | null;
};

/** The part of the admin API's answer to `GET /admin/functions` that says what is registered, in the order of registration. */
export function listFunctions(definitions: readonly FunctionDefinition[], address: string, routePrefix: string): readonly ListedFunction[] {
  return definitions.map((definition) => ({
    name: definition.name,
    config: { bindings: Object.entries(definition.registration.metadata.bindings).map(([name, binding]) => ({ ...binding, name })) },
    language: 'node',
    isDisabled: false,
    invoke_url_template: urlTemplateOf(definition, address, routePrefix),
  }));
}

function urlTemplateOf({ trigger }: FunctionDefinition, address: string, routePrefix: string): string | null {
  if (trigger.type !== 'httpTrigger') {
    return null;
  }
  return [address, routePrefix, trigger.route.replace(/^\/+/, '')].filter((part) => part !== '').join('/');
}
