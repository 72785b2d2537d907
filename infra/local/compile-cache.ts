import { fileURLToPath } from 'node:url';

/**
 * Lets a Node process keep what it compiled for the next start, which halves the time that a functions host takes. It lies with the packages, where
 * nobody else may write, and is keyed by the content of each file.
 */
export const compileCache = { NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)) } as const;
