import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** A package that is bundled, with what it says of its licence. */
export type LicensedPackage = {
  readonly name: string;
  readonly version: string;
  /** By SPDX, as its manifest has it; undefined where it says nothing. */
  readonly licence: string | undefined;
  /** Whole texts of its licence and notice files; none where it came without. */
  readonly texts: readonly string[];
};

const manifestShape = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });
const licenceFile = /^(?:licen[cs]e|copying|notice|third-?party-?notices?)(?:[.-][\w.-]+)?$/i;

/** Reads what an installed package says of itself. */
export async function readLicensedPackage(directory: string): Promise<LicensedPackage> {
  const { name, version, license } = manifestShape.parse(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')));
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && licenceFile.test(entry.name)).map((entry) => entry.name);
  const texts = files.toSorted().map(async (file) => (await readFile(join(directory, file), 'utf8')).replaceAll('\r\n', '\n').trim());
  return { name, version, licence: license, texts: await Promise.all(texts) };
}

const rule = '-'.repeat(80);

/**
 * What the licences of bundled packages ask to be handed on with a copy: who is in it under which licence, then every text once, under the packages that it came with.
 * The same packages give the same text.
 */
export function licencesText(packages: readonly LicensedPackage[]): string {
  // One that lies in several places is one.
  const inOrder = [...new Map(packages.map((each) => [called(each), each])).values()].toSorted((left, right) =>
    called(left) < called(right) ? -1 : 1,
  );
  const byText = new Map<string, string[]>();
  for (const each of inOrder) for (const text of each.texts) byText.set(text, [...(byText.get(text) ?? []), called(each)]);
  const list = inOrder.map((each) => {
    const without = each.texts.length === 0 ? ', which came without a text of it' : '';
    return `  ${called(each)}: ${each.licence ?? 'no licence named'}${without}`;
  });
  const parts = [...byText].map(([text, names]) => `${rule}\n${names.join(', ')}\n${rule}\n\n${text}\n`);
  return `This package contains, under licences of their own:\n\n${list.join('\n')}\n\n${parts.join('\n')}`;
}

function called({ name, version }: LicensedPackage): string {
  return `${name} ${version}`;
}
