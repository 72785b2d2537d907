import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

/** As much of a CycloneDX 1.5 document as is looked at; the rest is handed on as npm says it. */
const npmBill = z.object({
  $schema: z.string(),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.5'),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string(), purl: z.string() })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
export type NpmBill = z.output<typeof npmBill>;

/**
 * What npm knows of every dependency in the lock file of a project; with `--omit dev` it would leave out what the bundle and a tool both need (npm 11.19). Throws
 * where npm cannot be run.
 */
export async function askNpm(directory: string): Promise<NpmBill> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: directory, maxBuffer: 64 * 1024 * 1024 });
  return npmBill.parse(JSON.parse(stdout));
}

/** A package by name, and where it lies: below `node_modules` once, or nested in another that needs its own version. */
export type BundledPackage = { readonly name: string; readonly directory: string };

/** The packages that files of `node_modules` belong to; files of the project itself belong to none. */
export function packagesOf(sources: readonly string[]): readonly BundledPackage[] {
  const found = new Map<string, BundledPackage>();
  for (const source of sources) {
    const [directory, name] = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/.exec(source) ?? [];
    if (directory !== undefined && name !== undefined) found.set(directory, { name, directory });
  }
  return [...found.values()].toSorted((left, right) => (left.directory < right.directory ? -1 : 1));
}

export type BilledPackage = { readonly name: string; readonly version: string };

/**
 * The bill of what is in the bundle: of npm's components those that are bundled, and what they need of each other. It names no time, no machine and no serial
 * number, so that the same package has the same bill. Throws RangeError for a bundled package that npm does not know: then the lock file is not what was bundled.
 */
export function billOf(bill: NpmBill, product: BilledPackage, bundled: readonly BilledPackage[]): object {
  const wanted = new Set(bundled.map(({ name, version }) => `${name}@${version}`));
  const components = bill.components.filter(({ name, version }) => wanted.has(`${name}@${version}`)).toSorted(byReference);
  const refs = new Set(components.map((component) => component['bom-ref']));
  const known = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const unknown = [...wanted].filter((each) => !known.has(each));
  if (unknown.length > 0) throw new RangeError(`The lock file does not know what is in the bundle: ${unknown.join(', ')}.`);
  const ref = `${product.name}@${product.version}`;
  return {
    $schema: bill.$schema,
    bomFormat: bill.bomFormat,
    specVersion: bill.specVersion,
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: { 'bom-ref': ref, type: 'application', ...product, purl: `pkg:npm/${ref}`, licenses: [{ license: { id: 'MIT' } }] },
    },
    components,
    dependencies: [
      { ref, dependsOn: [...refs] },
      ...bill.dependencies
        .filter((dependency) => refs.has(dependency.ref))
        .map((dependency) => ({ ref: dependency.ref, dependsOn: dependency.dependsOn.filter((each) => refs.has(each)).toSorted() }))
        .toSorted((left, right) => (left.ref < right.ref ? -1 : 1)),
    ],
  };
}

function byReference(left: { readonly 'bom-ref': string }, right: { readonly 'bom-ref': string }): number {
  return left['bom-ref'] < right['bom-ref'] ? -1 : 1;
}
