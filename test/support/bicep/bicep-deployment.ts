import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SyntaxNode } from '../../../shared/adapters/tree-sitter/syntax-node.ts';
import { assignedTo, type BicepNames, evaluate, loopOver, nameOf } from './bicep-evaluation.ts';
import { bicepFunctions, type DeploymentPlace, guidOf } from './bicep-functions.ts';
import { type BicepSyntax, childOf, partsOf, textOf } from './bicep-syntax.ts';
import { decoratorFault, decoratorsOf, type TypeDeclaration, typeFault } from './bicep-types.ts';
import { asObject, asText, type BicepFunction, type BicepObject, type BicepValue, isObject, valueAt } from './bicep-value.ts';

/** A resource as it would be sent to Azure. */
export type Deployed = {
  readonly id: string;
  /** As written, with the version of the API behind an at sign. */
  readonly type: string;
  readonly file: string;
  readonly body: BicepObject;
};

export type Deployment = { readonly resources: readonly Deployed[]; readonly outputs: BicepObject };

/** A parameter that a deployment refuses. */
export class ParameterError extends Error {}

type Given = {
  readonly file: string;
  readonly parameters: BicepObject;
  readonly place: DeploymentPlace;
  readonly parse: (text: string) => BicepSyntax;
};

const withoutBody = new Set(['parent', 'scope', 'dependsOn']);

/**
 * What deploying a file would send to Azure: a stand-in for the compiler and for the deployment engine, for as much of the language as the templates use. Values that
 * Azure makes up (client ids, endpoints) are made up here, the same each time. Throws {@link ParameterError}, and Error for what the compiler would refuse and this can see.
 */
export function deploy({ file, parameters, place, parse }: Given): Deployment {
  const syntax = parse(readFileSync(file, 'utf8'));
  const resources: Deployed[] = [];
  const known = new Map<string, BicepValue>();
  const declarations = new Map(
    partsOf(syntax.root)
      .filter(isNamedDeclaration)
      .map((node) => [nameOf(syntax, node), node]),
  );
  const types = typesOf(file, syntax, parse);
  const functions = bicepFunctions(file, place, {});
  const names: BicepNames = {
    valueOf: (name) => {
      const value = known.get(name);
      if (value !== undefined) return value;
      const declaration = declarations.get(name);
      if (declaration === undefined) throw new Error(`${file}: there is no ${name}`);
      const found = valueOfDeclaration(declaration, name);
      known.set(name, found);
      return found;
    },
    functionOf: (name): BicepFunction => {
      const found = functions.get(name);
      if (found === undefined) throw new Error(`${file}: the function ${name} is not understood`);
      return found;
    },
  };

  function valueOfDeclaration(declaration: SyntaxNode, name: string): BicepValue {
    const assigned = assignedTo(declaration);
    switch (declaration.type) {
      case 'parameter_declaration':
        return parameterOf(declaration, name, assigned);
      case 'resource_declaration':
        return eachOf(assigned, (body, inner) => resourceOf(declaration, body, inner));
      case 'module_declaration':
        return eachOf(assigned, (body, inner) => moduleOf(declaration, body, inner));
      default:
        return assigned === undefined ? null : evaluate(syntax, assigned, names);
    }
  }

  function parameterOf(declaration: SyntaxNode, name: string, otherwise: SyntaxNode | undefined): BicepValue {
    const value = Object.hasOwn(parameters, name)
      ? parameters[name]
      : otherwise === undefined
        ? undefined
        : evaluate(syntax, otherwise, names);
    if (value === undefined) throw new ParameterError(`${file}: ${name} is missing`);
    const type = childOf(declaration, 'type');
    const decorators = decoratorsOf(syntax, precedingOf(declaration), (node) => evaluate(syntax, node, names));
    const fault =
      (type === undefined ? undefined : typeFault(value, syntax, type, (one) => types.get(one))) ?? decoratorFault(value, decorators);
    if (fault !== undefined) throw new ParameterError(`${file}: ${name} ${fault}`);
    return value;
  }

  function precedingOf(declaration: SyntaxNode): SyntaxNode | undefined {
    const all = partsOf(syntax.root);
    return all[all.indexOf(declaration) - 1];
  }

  /** One value, or one for each turn; null where a condition keeps it away. */
  function eachOf(node: SyntaxNode | undefined, one: (body: SyntaxNode, inner: BicepNames) => BicepValue): BicepValue {
    if (node === undefined) return null;
    const unlessKeptAway = (body: SyntaxNode, inner: BicepNames): BicepValue => {
      if (body.type !== 'if_statement') return one(body, inner);
      const [condition, then] = partsOf(body);
      if (condition === undefined || then === undefined) return null;
      return evaluate(syntax, condition, inner) === true ? one(then, inner) : null;
    };
    if (node.type !== 'for_statement') return unlessKeptAway(node, names);
    return loopOver(syntax, node, names).map(({ body, inner }) => unlessKeptAway(body, inner));
  }

  function resourceOf(declaration: SyntaxNode, node: SyntaxNode, inner: BicepNames): BicepValue {
    const type = literalOf(declaration);
    const written = asObject(evaluate(syntax, node, inner));
    const id = type.startsWith('Microsoft.Graph/') ? guidOf(JSON.stringify(written)) : idOf(type, written, place);
    const body = Object.fromEntries(Object.entries(written).filter(([name]) => !withoutBody.has(name)));
    if (childOf(declaration, 'existing') === undefined && !declaration.children.some((child) => child.type === 'existing')) {
      resources.push({ id, type, file, body });
    }
    const properties = { ...(isObject(body['properties']) ? body['properties'] : {}), ...madeByAzure(type, id) };
    return { ...inDirectory(type, id), ...body, id, type: type.split('@')[0] ?? '', properties };
  }

  function moduleOf(declaration: SyntaxNode, node: SyntaxNode, inner: BicepNames): BicepValue {
    const written = asObject(evaluate(syntax, node, inner));
    const scope = written['scope'];
    const child = deploy({
      file: join(dirname(file), literalOf(declaration)),
      parameters: isObject(written['params']) ? written['params'] : {},
      place: scope === undefined || scope === null ? place : placeOf(scope, place),
      parse,
    });
    resources.push(...child.resources);
    return { name: written['name'] ?? null, outputs: child.outputs };
  }

  function literalOf(declaration: SyntaxNode): string {
    const literal = childOf(declaration, 'string');
    return literal === undefined ? '' : asText(evaluate(syntax, literal, names));
  }

  const unknown = Object.keys(parameters).find((name) => declarations.get(name)?.type !== 'parameter_declaration');
  if (unknown !== undefined) throw new ParameterError(`${file}: there is no parameter ${unknown}`);
  for (const name of declarations.keys()) names.valueOf(name);
  const outputs = partsOf(syntax.root).filter(({ type }) => type === 'output_declaration');
  return {
    resources,
    outputs: Object.fromEntries(
      outputs.map((output) => {
        const assigned = assignedTo(output);
        const value = assigned === undefined ? null : evaluate(syntax, assigned, names);
        const type = childOf(output, 'type');
        const fault = type === undefined ? undefined : typeFault(value, syntax, type, (one) => types.get(one));
        if (fault !== undefined) throw new Error(`${file}: the output ${nameOf(syntax, output)} ${fault}`);
        return [nameOf(syntax, output), value];
      }),
    ),
  };
}

function isNamedDeclaration({ type }: SyntaxNode): boolean {
  return ['parameter_declaration', 'variable_declaration', 'resource_declaration', 'module_declaration'].includes(type);
}

function typesOf(file: string, syntax: BicepSyntax, parse: Given['parse']): ReadonlyMap<string, TypeDeclaration> {
  const own = partsOf(syntax.root)
    .filter(({ type }) => type === 'type_declaration')
    .map((node): [string, TypeDeclaration] => [nameOf(syntax, node), { syntax, node }]);
  const imported = partsOf(syntax.root)
    .filter(({ type }) => type === 'import_functionality')
    .flatMap((node) => {
      const from = childOf(node, 'string');
      const path = from === undefined ? '' : textOf(syntax, from).slice(1, -1);
      const other = join(dirname(file), path);
      return [...typesOf(other, parse(readFileSync(other, 'utf8')), parse)];
    });
  return new Map([...imported, ...own]);
}

/** Where what names this scope is deployed: a resource group or a subscription. */
function placeOf(scope: BicepValue, place: DeploymentPlace): DeploymentPlace {
  const [, , subscriptionId = '', , resourceGroup] = asText(valueAt(scope, 'id')).split('/');
  return { ...place, subscriptionId, resourceGroup };
}

function idOf(typeAtVersion: string, { name, parent, scope }: BicepObject, place: DeploymentPlace): string {
  const [type = ''] = typeAtVersion.split('@');
  const [provider = '', ...types] = type.split('/');
  if (isObject(parent)) return `${asText(parent['id'])}/${types.at(-1)}/${asText(name)}`;
  const subscription = `/subscriptions/${place.subscriptionId}`;
  if (type === 'Microsoft.Resources/resourceGroups') return `${subscription}/resourceGroups/${asText(name)}`;
  const names = asText(name).split('/');
  if (names.length !== types.length) throw new Error(`${type} has a name of ${names.length} parts`);
  const at = place.resourceGroup === undefined ? subscription : `${subscription}/resourceGroups/${place.resourceGroup}`;
  const base = isObject(scope) ? asText(scope['id']) : at;
  return `${base}/providers/${provider}/${types.map((part, index) => `${part}/${names[index]}`).join('/')}`;
}

/** What the directory says of an object that is there. The permissions are two of the many that Microsoft Graph has. */
function inDirectory(type: string, id: string): BicepObject {
  if (!type.startsWith('Microsoft.Graph/')) return {};
  const appRoles = ['GroupMember.Read.All', 'User.Read.All'].map((value) => ({ id: guidOf(value), value }));
  return { appId: guidOf(id, 'application'), appRoles };
}

/** What Azure says of a resource that it has made. */
function madeByAzure(type: string, id: string): BicepObject {
  const name = id.slice(id.lastIndexOf('/') + 1);
  switch (type.split('@')[0]) {
    case 'Microsoft.ManagedIdentity/userAssignedIdentities':
      return { clientId: guidOf(id, 'client'), principalId: guidOf(id, 'principal') };
    case 'Microsoft.Storage/storageAccounts':
      return { primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/`, table: `https://${name}.table.core.windows.net/` } };
    case 'Microsoft.Insights/components':
      return {
        ConnectionString: `InstrumentationKey=${guidOf(id)};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/`,
      };
    case 'Microsoft.Web/sites':
      return { defaultHostName: `${name}.azurewebsites.net` };
    default:
      return {};
  }
}
