import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export const defaultPolicies = join(import.meta.dirname, '../../../infra/policy');

/** A directory with the default schema and the given files, gone when the test is. */
export async function policyDirectory(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await copyFile(join(defaultPolicies, 'schema.cedarschema'), join(directory, 'schema.cedarschema'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}
