import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outDirectory = join(root, 'dist');

/** CommonJS dependencies inside an ES module bundle expect these; the functions worker patches `require` for `@azure/functions-core`. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  "import { dirname as __pathDirname } from 'node:path';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  'const __dirname = __pathDirname(__filename);',
].join('\n');

/** Bundles the functions into the one entry that `main` of package.json names, with what it loads at run time beside it. */
async function buildFunctions(): Promise<void> {
  await rm(outDirectory, { recursive: true, force: true });
  await mkdir(outDirectory, { recursive: true });
  await build({
    entryPoints: [join(root, 'functions/index.ts')],
    outfile: join(outDirectory, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['@azure/functions-core'],
    banner: { js: banner },
    sourcemap: true,
    legalComments: 'linked',
    logLevel: 'warning',
  });
  const cedar = dirname(createRequire(import.meta.url).resolve('@cedar-policy/cedar-wasm/nodejs'));
  await copyFile(join(cedar, 'cedar_wasm_bg.wasm'), join(outDirectory, 'cedar_wasm_bg.wasm'));
}

await buildFunctions();
console.log('dist/index.mjs is built.');
