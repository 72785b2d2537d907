import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { JsonError, type JsonValue, parseJson } from '../../domain/json.ts';

/** Raised while registers are read; a start that meets it must stop. `path` is the place in the file, as `deploy-agent.owner`; empty for the file as a whole. */
export class RegisterError extends Error {
  readonly code: 'unreadable' | 'invalid';
  readonly file: string;
  readonly path: string;
  /** From 1; undefined where only the place is known. */
  readonly line: number | undefined;
  readonly reason: string;
  constructor(
    code: RegisterError['code'],
    file: string,
    path: string,
    reason: string,
    options: ErrorOptions & { readonly line?: number } = {},
  ) {
    const { line, ...others } = options;
    super(`${line === undefined ? file : `${file}:${line}`}: ${path === '' ? '' : `${path}: `}${reason}`, others);
    this.name = 'RegisterError';
    this.code = code;
    this.file = file;
    this.path = path;
    this.line = line;
    this.reason = reason;
  }
}

export const registerName = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens');

const guidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const guid = z.string().regex(guidShape, 'must be a GUID in lower case');

export function isGuid(text: string): boolean {
  return guidShape.test(text);
}

/** Reads one file of the directory in one shape. `whereAbsent` stands for a file that need not be there. Throws {@link RegisterError}. */
export async function readRegister<Shape extends z.ZodType>(
  directory: string,
  file: string,
  shape: Shape,
  whereAbsent?: JsonValue,
): Promise<z.output<Shape>> {
  const parsed = shape.safeParse(await readJson(directory, file, whereAbsent));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RegisterError('invalid', file, issue?.path.map(String).join('.') ?? '', issue?.message ?? 'The file is not a register.');
}

async function readJson(directory: string, file: string, whereAbsent: JsonValue | undefined): Promise<JsonValue> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(directory, file));
  } catch (error) {
    if (whereAbsent !== undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT') return whereAbsent;
    throw new RegisterError('unreadable', file, '', 'The file cannot be read.', { cause: error });
  }
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof JsonError) throw new RegisterError('invalid', file, '', error.message, { cause: error });
    throw error;
  }
}
