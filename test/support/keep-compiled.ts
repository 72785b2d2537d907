import { enableCompileCache, flushCompileCache } from 'node:module';
import { afterAll } from 'vitest';
import { compileCache } from '../../infra/local/compile-cache.ts';

enableCompileCache(compileCache.NODE_COMPILE_CACHE);
// A worker may be ended before it comes to write down what it compiled.
afterAll(() => flushCompileCache());
