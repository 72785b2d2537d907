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

declare global {
  var builtFunctions: Promise<{ readonly entry: string; readonly directory: string }> | undefined;
}

async function build(): Promise<{ readonly entry: string; readonly directory: string }> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(`${cache}functions-`);
  return { entry: await buildFunctions(directory), directory };
}

/** Builds the functions once for all projects of a run, so that flows run what is shipped. Vitest loads this file anew for each project. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.builtFunctions ??= build();
  const { entry, directory } = await globalThis.builtFunctions;
  project.provide('functionsBundle', entry);
  return async () => await rm(directory, { recursive: true, force: true });
}
