import { readFile } from 'node:fs/promises';
import { zipOf } from '../package/zip-archive.ts';
import { manifestOf, manifestProblems, optionProblems, type TeamsAppOptions } from './manifest.ts';

/** What Teams asks of the two icons. Source: learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package, app icons. */
const icons = [
  { file: 'color.png', side: 192 },
  { file: 'outline.png', side: 32 },
] as const;

export class TeamsAppError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Teams would not take this app:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'TeamsAppError';
    this.problems = problems;
  }
}

/** The zip that an administrator uploads: manifest and icons. Throws {@link TeamsAppError} with everything that Teams would refuse. */
export async function makeTeamsApp(options: TeamsAppOptions): Promise<Uint8Array> {
  const manifest = manifestOf(options);
  const drawn = await Promise.all(
    icons.map(async ({ file, side }) => ({ file, side, bytes: await readFile(new URL(`icons/${file}`, import.meta.url)) })),
  );
  const problems = [
    ...(await manifestProblems(manifest)),
    ...optionProblems(options),
    ...drawn.flatMap(({ file, side, bytes }) => {
      const size = pngSize(bytes);
      return size?.width === side && size.height === side ? [] : [`${file}: must be a PNG of ${side} by ${side}`];
    }),
  ];
  if (problems.length > 0) throw new TeamsAppError(problems);
  return zipOf({
    'manifest.json': new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`),
    ...Object.fromEntries(drawn.map(({ file, bytes }) => [file, new Uint8Array(bytes)])),
  });
}

const signature = '89504e470d0a1a0a';

/** Width and height of a PNG, as its header says; undefined where it is none. Source: W3C PNG, 11.2.1. */
export function pngSize(bytes: Buffer): { readonly width: number; readonly height: number } | undefined {
  if (bytes.length < 24 || bytes.toString('hex', 0, 8) !== signature || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
