import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
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

export type BuiltFunctions = {
  /** Path of the module that registers the functions. */
  readonly entry: string;
  /** Every file of which something is in the bundle or lies beside it, relative to the project. */
  readonly sources: readonly string[];
};

/** Bundles the functions into one entry, as `main` of package.json names it, with what it loads at run time beside it. Gives the entry's path. */
export async function buildFunctions(outDirectory: string): Promise<string> {
  return (await bundleFunctions(outDirectory, { sourceMaps: true })).entry;
}

/**
 * As {@link buildFunctions}, and tells what it is made of. Without source maps, which say where the sources lie, the same sources give the same bytes wherever
 * project and directory are.
 */
export async function bundleFunctions(outDirectory: string, { sourceMaps }: { readonly sourceMaps: boolean }): Promise<BuiltFunctions> {
  const entry = join(outDirectory, 'index.mjs');
  await rm(outDirectory, { recursive: true, force: true });
  await mkdir(outDirectory, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
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
    sourcemap: sourceMaps,
    // Node reads all of it before the first function is registered. Names stay: what is logged of an error is the name of its class.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'linked',
    logLevel: 'warning',
  });
  const { resolve } = createRequire(import.meta.url);
  const cedar = dirname(resolve('@cedar-policy/cedar-wasm/nodejs'));
  const grammars = dirname(resolve('@vscode/tree-sitter-wasm'));
  const loaded = [
    join(cedar, 'cedar_wasm_bg.wasm'),
    ...['tree-sitter.wasm', 'tree-sitter-bash.wasm', 'tree-sitter-powershell.wasm'].map((file) => join(grammars, file)),
  ];
  for (const file of loaded) await copyFile(file, join(outDirectory, basename(file)));
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([source, { bytesInOutput }]) => (bytesInOutput > 0 ? [source] : [])),
  );
  return { entry, sources: [...new Set([...bundled, ...loaded.map((file) => relative(root, file))])] };
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
