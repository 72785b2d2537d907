import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { entriesOf } from '../package/zip-archive.ts';
import type { RunProgram } from './run-program.ts';

/** A Bicep compiler, by the words that come before those of the compiler itself. */
export type Compiler = { readonly program: string; readonly before: readonly string[]; readonly version: string; readonly had: string };

export type CompilerSearch = {
  readonly run: RunProgram;
  readonly fetch: (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;
  /** Where a downloaded compiler is kept. */
  readonly keptIn: string;
  readonly platform: string;
  readonly architecture: string;
};

/** The compiler, or what was tried. */
export type CompilerFound = { readonly found: Compiler } | { readonly found: undefined; readonly tried: readonly string[] };

const registry = 'https://api.nuget.org/v3-flatcontainer';
const answerTimeoutMs = 10_000;
const downloadTimeoutMs = 300_000;
const systems: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'osx', win32: 'win' };
const versionsShape = z.object({ versions: z.array(z.string()) });

/**
 * Looks for `bicep`, then `az bicep`, then the package of NuGet that holds the compiler as it runs (learn.microsoft.com/azure/azure-resource-manager/bicep/installation-troubleshoot),
 * which is kept and found again. Never rejects.
 */
export async function findCompiler(search: CompilerSearch): Promise<CompilerFound> {
  const tried: string[] = [];
  const rid = `${systems[search.platform] ?? search.platform}-${search.architecture}`;
  const kept = join(search.keptIn, rid, search.platform === 'win32' ? 'bicep.exe' : 'bicep');
  const local = [
    { program: 'bicep', before: [], asking: ['--version'], had: 'bicep, as it is installed' },
    { program: kept, before: [], asking: ['--version'], had: 'the compiler that was downloaded from NuGet before' },
    { program: 'az', before: ['bicep'], asking: ['bicep', 'version'], had: 'az bicep' },
  ] as const;
  for (const { program, before, asking, had } of local) {
    const end = await search.run(program, asking);
    if (end?.exitCode === 0) return { found: { program, before, version: versionIn(end.stdout), had } };
    const name = program === kept ? 'the compiler of an earlier download' : [program, ...before].join(' ');
    tried.push(`${name}: ${end === undefined ? 'is not there' : 'does not run'}`);
  }
  const downloaded = await download(search, rid, kept);
  if (typeof downloaded === 'string') return { found: undefined, tried: [...tried, downloaded] };
  const end = await search.run(kept, ['--version']);
  if (end?.exitCode === 0) {
    return {
      found: {
        program: kept,
        before: [],
        version: versionIn(end.stdout),
        had: `${downloaded.packageName} ${downloaded.version} from NuGet`,
      },
    };
  }
  return { found: undefined, tried: [...tried, `${downloaded.packageName} ${downloaded.version}: does not run here`] };
}

async function download(
  { fetch, keptIn }: CompilerSearch,
  rid: string,
  target: string,
): Promise<{ readonly packageName: string; readonly version: string } | string> {
  const packageName = `azure.bicep.commandline.${rid}`;
  try {
    const list = await fetch(`${registry}/${packageName}/index.json`, { signal: AbortSignal.timeout(answerTimeoutMs) });
    if (!list.ok) return `NuGet, ${packageName}: answers ${list.status}`;
    const version = versionsShape.parse(await list.json()).versions.findLast((one) => /^\d+\.\d+\.\d+$/.test(one));
    if (version === undefined) return `NuGet, ${packageName}: has no version`;
    const archive = await fetch(`${registry}/${packageName}/${version}/${packageName}.${version}.nupkg`, {
      signal: AbortSignal.timeout(downloadTimeoutMs),
    });
    if (!archive.ok) return `NuGet, ${packageName} ${version}: answers ${archive.status}`;
    const entries = Object.entries(entriesOf(new Uint8Array(await archive.arrayBuffer())));
    const [, program] = entries.find(([path]) => /^tools\/(?:[^/]+\/)*bicep(?:\.exe)?$/.test(path)) ?? [];
    if (program === undefined) return `NuGet, ${packageName} ${version}: has no bicep in it`;
    await mkdir(join(keptIn, rid), { recursive: true });
    await writeFile(target, program);
    await chmod(target, 0o755);
    await access(target);
    return { packageName, version };
  } catch (error) {
    return `NuGet, ${packageName}: ${error instanceof Error ? error.message : 'cannot be reached'}`;
  }
}

function versionIn(text: string): string {
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? 'of an unknown version';
}
