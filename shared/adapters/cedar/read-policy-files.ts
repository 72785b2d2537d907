import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { PolicyError } from './policy-error.ts';

/** A file below the policy directory; `name` is relative to it, with `/`. */
export type PolicyFile = { readonly name: string; readonly bytes: Uint8Array; readonly text: string };

export type PolicyFiles = { readonly schema: PolicyFile; readonly policies: readonly PolicyFile[] };

const schemaName = 'schema.cedarschema';

/** Reads the schema and every `.cedar` file at any depth, its ending in any case, in the order of their names. Throws {@link PolicyError} `files`. */
export async function readPolicyFiles(directory: string): Promise<PolicyFiles> {
  const names = (await namesBelow(directory)).filter((name) => name.toLowerCase().endsWith('.cedar')).sort();
  if (names.length === 0) throw new PolicyError('files', { file: directory, line: undefined }, 'There is no .cedar file in the directory.');
  return {
    schema: await readPolicyFile(directory, schemaName),
    policies: await Promise.all(names.map((name) => readPolicyFile(directory, name))),
  };
}

async function namesBelow(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory, { recursive: true })).map((name) => name.split(sep).join('/'));
  } catch (error) {
    throw new PolicyError('files', { file: directory, line: undefined }, 'The directory of policies cannot be read.', { cause: error });
  }
}

async function readPolicyFile(directory: string, name: string): Promise<PolicyFile> {
  try {
    const bytes = await readFile(join(directory, name));
    return { name, bytes, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    throw new PolicyError('files', { file: name, line: undefined }, 'The file cannot be read as UTF-8 text.', { cause: error });
  }
}
