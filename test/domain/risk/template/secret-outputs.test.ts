import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../../shared/domain/json.ts';
import { codesOf, factorsOf } from './carrier.ts';

/** A template with one output, and secure parameters in all the ways that there are; the values are no secrets of anybody. */
function withOutput(output: JsonValue, more: JsonObject = {}): JsonObject {
  return {
    languageVersion: '2.0',
    definitions: {
      password: { type: 'securestring' },
      chained: { $ref: '#/definitions/password' },
      login: { type: 'object', properties: { name: { type: 'string' }, password: { $ref: '#/definitions/chained' } } },
      list: { type: 'array', items: { $ref: '#/definitions/list' } },
    },
    parameters: {
      plain: { type: 'string', defaultValue: 'plain' },
      pw: { type: 'secureString', defaultValue: 'correct horse' },
      object: { type: 'secureObject', defaultValue: { key: 'correct horse' } },
      chained: { $ref: '#/definitions/chained' },
      login: { $ref: '#/definitions/login' },
      list: { $ref: '#/definitions/list' },
    },
    variables: {
      direct: "[parameters('pw')]",
      between: { a: ["[variables('direct')]"] },
      harmless: "[parameters('plain')]",
      copy: [{ name: 'looped', count: 2, input: "[concat(parameters('pw'), copyIndex('looped'))]" }],
    },
    resources: {},
    outputs: { o: { type: 'string', value: output } },
    ...more,
  };
}

describe('an output shows a secret', () => {
  it.each([
    "[parameters('pw')]",
    "[PARAMETERS( 'PW' )]",
    "[base64(parameters('pw'))]",
    "[toUpper(parameters('pw'))]",
    "[split(parameters('pw'), 'e')]",
    "[length(parameters('pw'))]",
    "[parameters('object').key]",
    "[parameters('chained')]",
    "[parameters('login').password]",
    "[parameters(concat('p', 'w'))]",
    "[variables('direct')]",
    "[variables('between').a[0]]",
    "[variables('looped')[1]]",
    "[variables(concat('dir', 'ect'))]",
    "[listKeys('x', '1').keys[0].value]",
    "[if(equals(reference('x').y, 1), listKeys('x', '1').keys[0].value, '')]",
    "[coalesce(reference('x').y, listKeys('x', '1').keys[0].value)]",
    "[map(reference('x').y, lambda('i', listKeys(lambdaVariables('i'), '1')))]",
    "[nobodyKnows(listKeys('x', '1'))]",
  ])('made of it: %s', (expression) => {
    expect(codesOf(withOutput(expression))).toContain('templateRevealsSecrets');
  });

  it.each([
    "[parameters('plain')]",
    "[variables('harmless')]",
    "[parameters('list')]",
    "[reference('x').y]",
    "[variables('unlisted(')]",
    'correct',
  ])('but not where it is made of %s', (expression) => {
    expect(codesOf(withOutput(expression))).not.toContain('templateRevealsSecrets');
  });

  it('but not where the output is secure itself', () => {
    const outputs = { o: { type: 'securestring', value: "[parameters('pw')]" } };
    expect(codesOf(withOutput('', { outputs }))).not.toContain('templateRevealsSecrets');
  });

  it('also where a parameter comes from a vault, whatever its type', () => {
    const reference = { keyVault: { id: '/x' }, secretName: 's' };
    expect(codesOf(withOutput("[toLower(parameters('plain'))]"), { parameters: { plain: { reference } } })).toContain(
      'templateRevealsSecrets',
    );
  });
});

describe('a module shows a secret', () => {
  const module = (properties: JsonObject): JsonObject => ({
    resources: {
      m: {
        type: 'Microsoft.Resources/deployments',
        apiVersion: '2024-03-01',
        name: 'm',
        properties: { mode: 'Incremental', ...properties },
      },
    },
  });
  const inner = { expressionEvaluationOptions: { scope: 'inner' } };
  const evidenceOf = (properties: JsonObject) =>
    factorsOf(withOutput('', module(properties))).find(({ code }) => code === 'templateRevealsSecrets')?.evidence;

  it('that it gets as a parameter which is not secure', () => {
    const template = { parameters: { p: { type: 'string' } }, resources: [] };
    expect(evidenceOf({ ...inner, template, parameters: { p: { value: "[base64(parameters('pw'))]" } } })).toContain(
      'parameter p, which is not secure',
    );
  });

  it('that is evaluated into its outputs', () => {
    const template = { resources: [], outputs: { o: { type: 'string', value: "[toLower(parameters('pw'))]" } } };
    expect(evidenceOf({ template })).toContain('output o');
  });

  it('that is evaluated into the outputs of a module in it', () => {
    const innermost = { resources: [], outputs: { o: { type: 'string', value: "[toLower(parameters('pw'))]" } } };
    const template = {
      resources: [
        {
          type: 'Microsoft.Resources/deployments',
          apiVersion: '2024-03-01',
          name: 'n',
          properties: { mode: 'Incremental', template: innermost },
        },
      ],
    };
    expect(evidenceOf({ template })).toContain('output o');
  });

  it('but not one that it gets as a secure parameter', () => {
    const template = { parameters: { p: { type: 'securestring' } }, resources: [] };
    expect(evidenceOf({ ...inner, template, parameters: { p: { value: "[parameters('pw')]" } } })).toBeUndefined();
  });
});

describe('a secret in a location, of which an error would tell', () => {
  it('is a value that only Azure knows', () => {
    const resource = { type: 'A.B/c', apiVersion: '1', name: 'n', location: "[listKeys('x', '1').keys[0].value]" };
    expect(codesOf({ resources: [resource] })).toContain('templateValueUnresolved');
  });
});

describe('types and variables that are made to take long', () => {
  const names = Array.from({ length: 3000 }, (_, index) => `n${index}`);

  it('are too large where variables lead on without end', () => {
    const variables = Object.fromEntries(names.map((name, index) => [name, `[variables('n${index + 1}')]`]));
    expect(codesOf({ variables, resources: [], outputs: { o: { type: 'string', value: "[variables('n0')]" } } })).toContain(
      'templateTooLarge',
    );
  });

  it('are too large where each type holds the next, and each is asked for', () => {
    const definitions = Object.fromEntries(
      names.map((name, index) => [name, { type: 'object', properties: { a: { $ref: `#/definitions/n${index + 1}` } } }]),
    );
    const parameters = Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }]));
    expect(codesOf({ languageVersion: '2.0', definitions, parameters, resources: {} })).toContain('templateTooLarge');
  });
});
