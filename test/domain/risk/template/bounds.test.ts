import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../../shared/domain/json.ts';
import { inspectTemplate } from '../../../../shared/domain/risk/template/inspect-template.ts';
import { carrier, codesOf, deploymentOf, keepingCalls } from './carrier.ts';

const account = { type: 'Microsoft.Storage/storageAccounts', apiVersion: '2024-01-01', name: 'st1' };

function withVariables(variables: JsonObject, value: JsonValue): JsonValue {
  return { variables, resources: [{ ...account, properties: { value } }] };
}

/** v1 = f(v0), v2 = f(v1), … */
function chain(length: number, first: JsonValue, next: (previous: string) => string): JsonObject {
  const links = Array.from({ length }, (_, index) => [`v${index + 1}`, next(`variables('v${index}')`)]);
  return Object.fromEntries([['v0', first], ...links]);
}

const selfDeploying: string = JSON.stringify({
  parameters: { t: { type: 'string' } },
  resources: [
    {
      type: 'Microsoft.Resources/deployments',
      name: 'again',
      properties: {
        mode: 'Incremental',
        expressionEvaluationOptions: { scope: 'inner' },
        template: "[parameters('t')]",
        parameters: { t: { value: "[parameters('t')]" } },
      },
    },
  ],
  outputs: { x: { type: 'string', value: "[reference('again').outputs.x.value]" } },
});

describe('what is too large is the worst, and no more', () => {
  it.each<[string, JsonValue]>([
    [
      'a text that doubles fifty times',
      withVariables(
        chain(50, 'ab', (v) => `[concat(${v}, ${v})]`),
        "[variables('v50')]",
      ),
    ],
    [
      'a list that doubles fifty times',
      withVariables(
        chain(50, [1, 2], (v) => `[concat(${v}, ${v})]`),
        "[variables('v50')]",
      ),
    ],
    [
      'a tree that doubles forty times',
      withVariables(
        chain(40, 'x', (v) => `[createArray(${v}, ${v})]`),
        "[variables('v40')]",
      ),
    ],
    [
      'a tree that is written as text',
      withVariables(
        chain(40, 'x', (v) => `[createArray(${v}, ${v})]`),
        "[string(variables('v40'))]",
      ),
    ],
    [
      'variables that lean on each other',
      withVariables(
        chain(5000, 'x', (v) => `[concat(${v})]`),
        "[variables('v5000')]",
      ),
    ],
    [
      'lists within lists by a lambda',
      withVariables({}, "[reduce(range(0, 5000), createArray(), lambda('sum', 'i', createArray(lambdaVariables('sum'))))]"),
    ],
    ['ten thousand numbers for each of ten thousand', withVariables({}, "[map(range(0, 10000), lambda('i', range(0, 10000)))]")],
    [
      'a script that is repeated for 800 resources',
      {
        variables: { script: 'x'.repeat(100_000) },
        resources: [
          { ...account, name: "[concat('st', copyIndex())]", copy: { name: 'l', count: 800 }, properties: { s: "[variables('script')]" } },
        ],
      },
    ],
    [
      'loops within loops of values',
      {
        resources: [
          {
            ...account,
            properties: {
              copy: [
                {
                  name: 'a',
                  count: 800,
                  input: { copy: [{ name: 'b', count: 800, input: { copy: [{ name: 'c', count: 800, input: 'x' }] } }] },
                },
              ],
            },
          },
        ],
      },
    ],
  ])('%s', (_, template) => {
    expect(codesOf(template)).toContain('templateTooLarge');
  });

  it('a template that deploys itself', () => {
    const codes = codesOf(selfDeploying, { parameters: { t: { value: selfDeploying } } });
    expect(codes).toContain('templateTooLarge');
  });
});

describe('what leads in a circle has no value', () => {
  it.each<[string, JsonValue]>([
    ['a variable of itself', withVariables({ a: "[variables('a')]" }, "[variables('a')]")],
    ['two variables of each other', withVariables({ a: "[variables('b')]", b: "[variables('a')]" }, "[variables('a')]")],
    [
      'a parameter of itself',
      { parameters: { p: { defaultValue: "[parameters('p')]" } }, resources: [{ ...account, properties: { v: "[parameters('p')]" } }] },
    ],
  ])('%s', (_, template) => {
    expect(codesOf(template)).toEqual(['templateValueUnresolved']);
  });

  it('a module that refers to its own output', () => {
    const inner = { resources: [], outputs: { x: { type: 'string', value: "[parameters('p')]" } }, parameters: { p: { type: 'string' } } };
    const module = {
      type: 'Microsoft.Resources/deployments',
      name: 'm',
      properties: {
        mode: 'Incremental',
        expressionEvaluationOptions: { scope: 'inner' },
        template: inner,
        parameters: { p: { value: "[reference('m').outputs.x.value]" } },
      },
    };
    const template = { resources: [module, { ...account, properties: { v: "[reference('m').outputs.x.value]" } }] };
    expect(codesOf(template)).toEqual(['templateValueUnresolved']);
  });
});

describe('the work grows with the template and no faster', () => {
  /** Calls that were judged, and characters in them: what the rules after the unpacking have to look at. */
  function workOf(template: JsonValue): { readonly calls: number; readonly characters: number } {
    const { calls, judge } = keepingCalls();
    inspectTemplate(carrier({ body: deploymentOf(template) }), judge);
    return { calls: calls.length, characters: calls.reduce((sum, { body }) => sum + JSON.stringify(body).length, 0) };
  }

  const unresolved = (count: number): JsonValue => ({
    resources: Array.from({ length: count }, (_, index) => ({
      ...account,
      name: `st${index}`,
      properties: { a: "[reference('x').y]", text: 'x'.repeat(1000) },
    })),
  });

  it('with unknown values, each of which is tried', () => {
    const [small, large] = [workOf(unresolved(50)), workOf(unresolved(200))];
    expect(large.calls / small.calls).toBeLessThanOrEqual(4);
    expect(large.characters / small.characters).toBeLessThanOrEqual(4.1);
  });
});
