import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { riskRank } from '../../../../shared/domain/assessment.ts';
import type { JsonObject, JsonValue } from '../../../../shared/domain/json.ts';
import { inspectTemplate } from '../../../../shared/domain/risk/template/inspect-template.ts';
import { carrier, factorsOf } from './carrier.ts';

const seeded = { seed: 20261121, numRuns: 400 };

/** Texts that mean something to a template, whole and broken. */
const scraps = fc.constantFrom(
  "[concat('a', parameters('p'))]",
  "[parameters('p')]",
  "[variables('v')]",
  "[reference('x').a.b]",
  "[listKeys('x', '1').keys[0]]",
  "[resourceId('Microsoft.Storage/storageAccounts', 'a')]",
  '[copyIndex()]',
  "[copyIndex('l', -1)]",
  '[[escaped]',
  '[unclosed(',
  '[json(\'{"resources":[]}\')]',
  "[if(equals(1, 2), 'a', 'b')]",
  "[map(range(0, 3), lambda('x', lambdaVariables('y')))]",
  "[union(parameters('p'), variables('v'))]",
  '[deployment()]',
  '[environment().suffixes]',
  'Microsoft.Resources/deployments',
  'Microsoft.Authorization/roleAssignments',
  'Microsoft.Storage/storageAccounts/blobServices',
  'inner',
  'Complete',
  '/',
  '',
  '\u0000',
  '__proto__',
);
const names = fc.constantFrom(
  'resources',
  'Resources',
  'type',
  'name',
  'apiVersion',
  'properties',
  'template',
  'templateLink',
  'parameters',
  'variables',
  'functions',
  'outputs',
  'copy',
  'count',
  'input',
  'condition',
  'scope',
  'subscriptionId',
  'resourceGroup',
  'languageVersion',
  'expressionEvaluationOptions',
  'mode',
  'value',
  'defaultValue',
  'reference',
  'p',
  'v',
  'existing',
  'constructor',
  '__proto__',
);

const anyJson: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthIdentifier: 'template' },
    fc.oneof(scraps, fc.integer({ min: -2, max: 900 }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'template' }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 6, depthIdentifier: 'template' }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

describe('whatever is sent as a template', () => {
  it('is judged without a crash, the same each time', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (template, parameters) => {
        const first = factorsOf(template, { parameters });
        expect(factorsOf(template, { parameters })).toEqual(first);
      }),
      seeded,
    );
  });

  it('is judged without a crash as the body of any carrier', () => {
    const paths = fc.constantFrom(
      '/providers/Microsoft.Resources/deployments/d',
      '/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Resources/deploymentStacks/d',
      '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Resources/deployments/d',
      '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Sql/servers/s/providers/Microsoft.Resources/deployments/d',
    );
    fc.assert(
      fc.property(paths, anyJson, (path, body) => {
        const subject = { ...carrier({ path, body: {} }) };
        const factors = inspectTemplate({ ...subject, request: { ...subject.request, body } }, () => []);
        expect(factors.every(({ evidence }) => (evidence ?? '').length <= 340)).toBe(true);
      }),
      seeded,
    );
  });

  it('holds any expression without a crash', () => {
    const characters = fc.constantFrom(...'[]()\'.,"\\ab01- \n', 'concat(', "parameters('p')", '.a', '[0]', 'é');
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 60 }), (parts) => {
        const text = `[${parts.join('')}]`;
        const factors = factorsOf({ resources: [{ type: 'A.B/c', name: 'n', properties: { text } }] });
        expect(factors.every(({ code }) => code.startsWith('template'))).toBe(true);
      }),
      { ...seeded, numRuns: 2000 },
    );
  });
});

/** A template that is understood to its last part, with each place in it from which something is deployed. */
const understood: JsonObject = {
  languageVersion: '2.0',
  parameters: { p: { type: 'string' }, list: { type: 'array', defaultValue: [1, 2] } },
  variables: { v: { a: ['x', "[parameters('p')]"] } },
  resources: {
    account: {
      type: 'Microsoft.Storage/storageAccounts',
      apiVersion: '2024-01-01',
      name: "[concat('st', parameters('p'))]",
      scope: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dev',
      sku: { name: 'Standard_LRS' },
      properties: { a: "[variables('v').a[1]]", b: [true, 1, { c: "[toUpper('x')]" }] },
      resources: [{ type: 'blobServices', apiVersion: '2024-01-01', name: 'default', properties: { x: 1 } }],
    },
    loop: {
      type: 'Microsoft.Storage/storageAccounts',
      apiVersion: '2024-01-01',
      name: "[concat('st', parameters('list')[copyIndex()])]",
      copy: { name: 'l', count: "[length(parameters('list'))]" },
      properties: { copy: [{ name: 'xs', count: 2, input: { n: "[copyIndex('xs')]" } }] },
    },
    module: {
      type: 'Microsoft.Resources/deployments',
      apiVersion: '2024-03-01',
      name: 'm',
      resourceGroup: 'rg-dev',
      properties: {
        mode: 'Incremental',
        expressionEvaluationOptions: { scope: 'inner' },
        parameters: { q: { value: "[variables('v').a[0]]" } },
        template: {
          parameters: { q: { type: 'string' } },
          resources: [{ type: 'Microsoft.Sql/servers', apiVersion: '2024-01-01', name: "[parameters('q')]", properties: { z: 'z' } }],
        },
      },
    },
  },
};
const given = { parameters: { p: { value: 'p' } } };

/** Paths to every text, number and boolean. */
function leavesOf(value: JsonValue, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

function replaced(value: JsonValue, [name, ...rest]: readonly string[], by: JsonValue): JsonValue {
  if (name === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === name ? replaced(item, rest, by) : item));
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, inner]) => [key, key === name ? replaced(inner, rest, by) : inner]));
}

/** What changes nothing of what is deployed: types of parameters, the name of a loop that nobody uses, the version of an API. */
const withoutEffect = /parameters\.\w+\.type$|copy\.name$|apiVersion$|variables\.v\.a\.0\.unused/;

describe('what cannot be evaluated is never below high', () => {
  it('which a template that can be, is', () => {
    expect(factorsOf(understood, given)).toEqual([]);
  });

  const leaves = leavesOf(understood).filter((path) => !withoutEffect.test(path.join('.')));

  it.each(leaves.map((path) => [path.join('.'), path] as const))('at %s', (_, path) => {
    for (const unknown of ["[reference('x').y]", '[broken(', '[listKeys()]', "[parameters('nobody')]", '[toLower()]']) {
      const text = unknown.endsWith(']') ? unknown : `${unknown}]`;
      const levels = factorsOf(replaced(understood, path, text), given).map(({ level }) => riskRank(level));
      expect(Math.max(-1, ...levels), text).toBeGreaterThanOrEqual(riskRank('high'));
    }
  });
});
