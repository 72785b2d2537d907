import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { buildFunctions } from '../../infra/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the bundle that a deployment would run. */
    readonly functionsBundle: string;
  }
}

/** Within the project, so that the host finds `host.json` above it. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** Builds the functions once, so that flows run what is shipped. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(`${cache}functions-`);
  project.provide('functionsBundle', await buildFunctions(directory));
  return async () => await rm(directory, { recursive: true, force: true });
}
