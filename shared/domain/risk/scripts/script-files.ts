import { plainName } from './command-name.ts';
import { concatenated, literal, unknownMark, type Value } from './values.ts';

/** Where a file that a script handles comes from: the network, or texts of the script itself. */
export type FileOrigin = {
  isRemote: boolean;
  contents: readonly Value[];
  /** The program that it is a copy of or a link to. */
  standsFor: string | undefined;
};

/** Files that a script writes, by their last name, since scripts move about. */
export type ScriptFiles = {
  readonly origins: Map<string, FileOrigin>;
  /** True where something is downloaded of which the name, or what is unpacked from it, is not known. */
  hasUnnamed: boolean;
  /** Where the script stands; undefined where it did not go anywhere, the unknown mark where nobody knows. */
  folder: string | undefined;
};

export function noFiles(): ScriptFiles {
  return { origins: new Map(), hasUnnamed: false, folder: undefined };
}

/** A file that is written more often than this counts as one that cannot be seen through. */
const maxContents = 16;

/** Notes what is written to a file. What is added to it is read with what was there, on the same line and on the next. */
export function writtenTo(files: ScriptFiles, path: string, content: Value, appends: boolean): void {
  const origin = originOf(files, path);
  const last = origin.contents.at(-1);
  const added = appends && last !== undefined ? [joined(last, '', content), joined(last, '\n', content)] : [];
  origin.contents = [...origin.contents, ...added, content];
  if (origin.contents.length > maxContents) origin.isRemote = true;
}

function joined(left: Value, between: string, right: Value): Value {
  return concatenated(concatenated([left], [literal(between)]), [right])[0] ?? right;
}

export function copiedTo(files: ScriptFiles, program: string, path: string): void {
  originOf(files, path).standsFor = program;
}

export function downloadedTo(files: ScriptFiles, path: string | undefined): void {
  const name = path === undefined ? '' : lastName(path);
  if (name === '' || name.includes(unknownMark)) files.hasUnnamed = true;
  else originOf(files, name).isRemote = true;
}

/** What is known of a file that is run or read; undefined where the script did not make it. */
export function fileOrigin(files: ScriptFiles, path: string): FileOrigin | undefined {
  const known = files.origins.get(lastName(path));
  if (known !== undefined) return known;
  const folders = path.split(/[/\\]/).slice(0, -1);
  return folders.map((folder) => files.origins.get(folder.toLowerCase())).find((origin) => origin?.isRemote === true);
}

function originOf(files: ScriptFiles, path: string): FileOrigin {
  const name = lastName(path);
  const known = files.origins.get(name);
  if (known !== undefined) return known;
  const origin: FileOrigin = { isRemote: false, contents: [], standsFor: undefined };
  files.origins.set(name, origin);
  return origin;
}

/** Names are compared without the extension that a shell adds, and without case. */
function lastName(path: string): string {
  return plainName(path.replace(/[?#].*$/, ''));
}
