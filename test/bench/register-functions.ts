import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideCoreModule } from '../../infra/local/functions-host/core-module.ts';

/** Loads an entry as the cloud's worker does and tells how long it was, from the start of the process, until every function was registered. */
const [entry = ''] = process.argv.slice(2);
const core = provideCoreModule(() => undefined);
await import(pathToFileURL(resolve(entry)).href);
process.stdout.write(JSON.stringify({ sinceStartMs: performance.now(), functions: core.registrations().length }));
process.exit(0);
