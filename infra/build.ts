import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** CommonJS dependencies inside an ES module bundle expect these; the functions worker patches `require` for `@azure/functions-core`. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  "import { dirname as __pathDirname } from 'node:path';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  'const __dirname = __pathDirname(__filename);',
].join('\n');

/** Bundles the functions into one entry, as `main` of package.json names it, with what it loads at run time beside it. Gives the entry's path. */
export async function buildFunctions(outDirectory: string): Promise<string> {
  const entry = join(outDirectory, 'index.mjs');
  await rm(outDirectory, { recursive: true, force: true });
  await mkdir(outDirectory, { recursive: true });
  await build({
    entryPoints: [join(root, 'functions/index.ts')],
    outdir: outDirectory,
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    // What is imported on demand (the telemetry SDK) is a file of its own, which nobody reads who does not need it.
    splitting: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // The `main` of jsonc-parser is UMD, whose requires no bundler can follow; its `module` is not.
    mainFields: ['module', 'main'],
    target: 'node24',
    external: ['@azure/functions-core'],
    banner: { js: banner },
    sourcemap: true,
    legalComments: 'linked',
    logLevel: 'warning',
  });
  const cedar = dirname(createRequire(import.meta.url).resolve('@cedar-policy/cedar-wasm/nodejs'));
  await copyFile(join(cedar, 'cedar_wasm_bg.wasm'), join(outDirectory, 'cedar_wasm_bg.wasm'));
  const grammars = dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'));
  for (const file of ['tree-sitter.wasm', 'tree-sitter-bash.wasm', 'tree-sitter-powershell.wasm']) {
    await copyFile(join(grammars, file), join(outDirectory, file));
  }
  return entry;
}

const help = `Bundles the functions into dist/index.mjs, which package.json names as their entry, with the WebAssembly that it loads beside it.

  npm run build
`;

if (import.meta.main) {
  const [argument] = process.argv.slice(2);
  if (argument === undefined) {
    await buildFunctions(join(root, 'dist'));
    console.log('dist/index.mjs is built.');
  } else {
    console.log(help);
    process.exitCode = argument === '--help' ? 0 : 2;
  }
}
