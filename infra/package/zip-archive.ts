import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync, type Zippable, zipSync } from 'fflate';

/** What a zip holds, by path with `/`. */
export type ZipEntries = Readonly<Record<string, Uint8Array>>;

const unix = 3;
const readableFile = 0o100644;

/** The same entries give the same bytes: in the order of their paths, without times, all readable by everybody and executable by nobody. */
export function zipOf(entries: ZipEntries): Uint8Array {
  const attrs = readableFile * 0x10000;
  // A zip tells times as a clock on the wall would; the first that it can tell, so that no zone and no day shows.
  const mtime = new Date(1980, 0, 1);
  const inOrder = Object.entries(entries).toSorted(([left], [right]) => (left < right ? -1 : 1));
  const files: Zippable = Object.fromEntries(inOrder.map(([path, bytes]) => [path, [bytes, { level: 6, mtime, os: unix, attrs }]]));
  return zipSync(files);
}

export function entriesOf(zip: Uint8Array): ZipEntries {
  return unzipSync(zip);
}

/** Writes what a zip holds below a directory. Throws RangeError for an entry that would land anywhere else, before anything is written. */
export async function unpackZip(zip: Uint8Array, directory: string): Promise<void> {
  const entries = Object.entries(entriesOf(zip));
  const astray = entries.find(([path]) => path.split(/[/\\]/).includes('..') || /^[/\\]|^[A-Za-z]:/.test(path));
  if (astray !== undefined) throw new RangeError(`The zip has an entry that leads out of it: ${JSON.stringify(astray[0])}.`);
  for (const [path, bytes] of entries) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
}
