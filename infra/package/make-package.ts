import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { bundleFunctions } from '../build.ts';
import { type LicensedPackage, licencesText, readLicensedPackage } from './licences.ts';
import { bundleEntries, packagedPolicies, policyEntries } from './package-files.ts';
import { askNpm, billOf, packagesOf } from './software-bill.ts';
import { writeWhole } from './write-whole.ts';
import { entriesOf, unpackZip, zipOf } from './zip-archive.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifestShape = z.object({ name: z.string(), version: z.string(), main: z.string() });

export type Package = {
  readonly zip: Uint8Array;
  readonly name: string;
  readonly version: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Asks npm what is in it: CycloneDX 1.5, as JSON text. */
  readonly bill: () => Promise<string>;
};

/** What is deployed, with the policies of a directory. The same sources, dependencies and policies give the same bytes. */
export async function makePackage({ policy }: { readonly policy: string }): Promise<Package> {
  const bundle = await mkdtemp(join(tmpdir(), 'countersign-package-'));
  try {
    const { sources } = await bundleFunctions(bundle, { sourceMaps: false });
    const { name, version, main } = manifestShape.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    const bundled = await bundledPackages(sources);
    const zip = zipOf({
      'package.json': encode({ name, version, private: true, type: 'module', main }),
      'host.json': await readFile(join(root, 'host.json')),
      LICENSE: await readFile(join(root, 'LICENSE')),
      'LICENCES.txt': new TextEncoder().encode(licencesText(bundled)),
      ...(await bundleEntries(bundle)),
      ...(await policyEntries(policy)),
    });
    return {
      zip,
      name,
      version,
      sha256: createHash('sha256').update(zip).digest('hex'),
      bill: async () => `${JSON.stringify(billOf(await askNpm(root), { name, version }, bundled), null, 2)}\n`,
    };
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

async function bundledPackages(sources: readonly string[]): Promise<readonly LicensedPackage[]> {
  return await Promise.all(packagesOf(sources).map(({ directory }) => readLicensedPackage(join(root, directory))));
}

export type WrittenPackage = { readonly zipPath: string; readonly billPath: string };

/** Writes the zip and its bill beside each other: `countersign-1.2.3.zip` and `countersign-1.2.3.cdx.json`. */
export async function writePackage({ zip, bill, name, version }: Package, directory: string): Promise<WrittenPackage> {
  await mkdir(directory, { recursive: true });
  const zipPath = join(directory, `${name}-${version}.zip`);
  const billPath = join(directory, `${name}-${version}.cdx.json`);
  const billed = await bill();
  await writeWhole(zipPath, zip);
  await writeWhole(billPath, billed);
  return { zipPath, billPath };
}

export type Unpacked = {
  /** The module that registers the functions. */
  readonly entry: string;
  /** The policies, agents and groups. */
  readonly policy: string;
};

/** Unpacks a package into a directory, in place of what was there. Throws RangeError where the file is no package. */
export async function unpackPackage(zip: Uint8Array, directory: string): Promise<Unpacked> {
  const manifest = entriesOf(zip)['package.json'];
  if (manifest === undefined) throw new RangeError('The zip has no package.json: it is no package of Countersign.');
  const { main } = manifestShape.parse(JSON.parse(new TextDecoder().decode(manifest)));
  await rm(directory, { recursive: true, force: true });
  await unpackZip(zip, directory);
  return { entry: join(directory, main), policy: join(directory, packagedPolicies) };
}
