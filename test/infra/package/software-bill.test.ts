import { describe, expect, it } from 'vitest';
import { billOf, packagesOf } from '../../../infra/package/software-bill.ts';

const npmBill = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  components: [
    { 'bom-ref': 'zod@4.6.7', name: 'zod', version: '4.6.7', purl: 'pkg:npm/zod@4.6.7', hashes: [{ alg: 'SHA-512', content: 'ab' }] },
    { 'bom-ref': 'vitest@5.1.1', name: 'vitest', version: '5.1.1', purl: 'pkg:npm/vitest@5.1.1' },
    { 'bom-ref': '@azure/identity@4.14.1', name: '@azure/identity', version: '4.14.1', purl: 'pkg:npm/%40azure/identity@4.14.1' },
  ],
  dependencies: [
    { ref: 'zod@4.6.7', dependsOn: [] },
    { ref: '@azure/identity@4.14.1', dependsOn: ['zod@4.6.7', 'vitest@5.1.1'] },
  ],
} as const;
const product = { name: 'countersign', version: '1.2.3' };
const bundled = [
  { name: 'zod', version: '4.6.7' },
  { name: '@azure/identity', version: '4.14.1' },
];

describe('the bill of materials', () => {
  it('is refused where something is in the bundle that the lock file does not know', () => {
    const stray = { name: 'left-pad', version: '1.0.0' };
    expect(() => billOf(structuredCloneOf(npmBill), product, [...bundled, stray])).toThrow(
      'The lock file does not know what is in the bundle: left-pad@1.0.0.',
    );
  });

  it('has what is in the bundle, in order, with what npm knows of it and what it needs of the rest; no time, no serial number, no tool', () => {
    expect(billOf(structuredCloneOf(npmBill), product, bundled)).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: {
        lifecycles: [{ phase: 'build' }],
        component: {
          'bom-ref': 'countersign@1.2.3',
          type: 'application',
          name: 'countersign',
          version: '1.2.3',
          purl: 'pkg:npm/countersign@1.2.3',
          licenses: [{ license: { id: 'MIT' } }],
        },
      },
      components: [npmBill.components[2], npmBill.components[0]],
      dependencies: [
        { ref: 'countersign@1.2.3', dependsOn: ['@azure/identity@4.14.1', 'zod@4.6.7'] },
        { ref: '@azure/identity@4.14.1', dependsOn: ['zod@4.6.7'] },
        { ref: 'zod@4.6.7', dependsOn: [] },
      ],
    });
  });

  it('tells packages by where their files lie, nested ones apart, and the project is none', () => {
    expect(
      packagesOf([
        'shared/config.ts',
        'node_modules/zod/v4/index.js',
        'node_modules/zod/v4/core.js',
        'node_modules/@azure/identity/dist/index.js',
        'node_modules/@azure/identity/node_modules/tslib/tslib.es6.mjs',
      ]),
    ).toEqual([
      { name: '@azure/identity', directory: 'node_modules/@azure/identity' },
      { name: 'tslib', directory: 'node_modules/@azure/identity/node_modules/tslib' },
      { name: 'zod', directory: 'node_modules/zod' },
    ]);
  });
});

function structuredCloneOf(bill: typeof npmBill): Parameters<typeof billOf>[0] {
  return {
    ...bill,
    components: bill.components.map((component) => ({ ...component })),
    dependencies: bill.dependencies.map(({ ref, dependsOn }) => ({ ref, dependsOn: [...dependsOn] })),
  };
}
