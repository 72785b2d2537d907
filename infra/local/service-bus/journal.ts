import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { JournalError } from './journal-error.ts';
import { decodeRecords, encodeRecords, type JournalRecord } from './records.ts';

/** Where changes are kept. `append` settles when the records, and all before them, would survive a crash of the machine. */
export type Journal = {
  append(records: readonly JournalRecord[]): Promise<void>;
  close(): Promise<void>;
};

const fileName = 'service-bus.journal';
const lineFeed = 0x0a;

/** Keeps nothing: everything is gone when the process ends. */
export function makeMemoryJournal(): Journal {
  return { append: async () => {}, close: async () => {} };
}

/**
 * Reads what an earlier process kept, in order; records that became durable together come together. A last line without an end is
 * what a crash leaves of something never acknowledged and is ignored. Throws `JournalError` `damaged` for any other bad line.
 */
export async function readJournal(directory: string): Promise<JournalRecord[][]> {
  const path = join(directory, fileName);
  const groups: JournalRecord[][] = [];
  for await (const line of readLines(path)) {
    const records = decodeLine(line);
    if (records === undefined) throw new JournalError('damaged', `${path}: line ${groups.length + 1} is damaged`);
    groups.push(records);
  }
  return groups;
}

/**
 * Starts a journal whose content is `groups`, in place of what the directory held before: the old file stays until the new one is
 * durable. One process at a time may use a directory.
 */
export async function startJournal(directory: string, groups: readonly (readonly JournalRecord[])[]): Promise<Journal> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, fileName);
  const file = await open(`${path}.new`, 'w', 0o600);
  for (const records of groups) await file.write(toLine(records));
  await file.sync();
  await rename(`${path}.new`, path);
  await syncDirectory(directory);
  return new FileJournal(file);
}

class FileJournal implements Journal {
  readonly #file: FileHandle;
  #pending: string[] = [];
  #nextFlush: Promise<void> | undefined;
  #lastFlush: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  append(records: readonly JournalRecord[]): Promise<void> {
    if (this.#closed) return Promise.reject(new JournalError('closed', 'the journal is closed'));
    if (records.length === 0 && this.#nextFlush === undefined) return this.#lastFlush;
    if (records.length > 0) this.#pending.push(toLine(records));
    this.#nextFlush ??= this.#startFlush(this.#lastFlush);
    return this.#nextFlush;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await (this.#nextFlush ?? this.#lastFlush);
    } finally {
      await this.#file.close();
    }
  }

  /** Whatever is appended while one flush runs goes out with the next, so that many waiters share one disk sync. */
  async #startFlush(previous: Promise<void>): Promise<void> {
    await previous;
    const flush = this.#write(this.#pending.splice(0));
    this.#lastFlush = flush;
    this.#nextFlush = undefined;
    await flush;
  }

  async #write(lines: readonly string[]): Promise<void> {
    await this.#file.appendFile(lines.join(''));
    await this.#file.datasync();
  }
}

/** Complete lines. They end at a line feed only: an id may hold what other readers take for the end of a line. */
async function* readLines(path: string): AsyncGenerator<string> {
  const file = await openIfThere(path);
  if (file === undefined) return;
  let rest = Buffer.alloc(0);
  for await (const chunk of file.createReadStream()) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('expected bytes');
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      yield rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 1);
    }
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function toLine(records: readonly JournalRecord[]): string {
  const text = encodeRecords(records);
  return `${checksum(text)} ${text}\n`;
}

function decodeLine(line: string): JournalRecord[] | undefined {
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(text)} `) return undefined;
  try {
    return decodeRecords(text);
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
