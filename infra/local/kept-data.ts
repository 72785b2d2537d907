import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endpointsFile, lastEndpointsFile } from './endpoints.ts';
import { readIfPresent, writePrivately } from './private-files.ts';

/** Everything that is kept in the directory of an environment, beside the addresses. */
const kept = [
  'certificates',
  'identity',
  'azurite',
  'service-bus',
  'resource-manager',
  'key-vault',
  'teams',
  'service-bus.key',
  'sealing.key',
] as const;
export type Kept = (typeof kept)[number];

/** Where a package lies unpacked while its functions run; each start that runs one unpacks it anew. */
export function unpackedDirectory(directory: string): string {
  return join(directory, 'package');
}

/** Removes what an environment kept in the directory, and nothing else that lies there. */
export async function emptyDirectory(directory: string): Promise<void> {
  await Promise.all([...kept, endpointsFile, lastEndpointsFile].map((name) => rm(join(directory, name), { recursive: true, force: true })));
}

/** 32 random bytes in base64, made once for a directory. */
export function ensureKey(directory: string, name: Kept): string {
  const path = join(directory, name);
  const kept = readIfPresent(path);
  if (kept !== undefined) return kept;
  const made = randomBytes(32).toString('base64');
  writePrivately(path, made);
  return made;
}
