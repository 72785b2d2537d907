/**
 * What the cloud's host makes of a request target before a function sees it. Kestrel decodes the path, but not `%2F`, and takes dot
 * segments out; the host then writes it again with `PathString.ToUriComponent()`, which takes anything that looks like an escape for one.
 * Hence `%252e` reaches a function as `%2e`. (aspnetcore: `PathNormalizer`, `UrlDecoder`, `PathString`; host: `ToRpcHttp`.)
 */

export type RequestTarget = {
  /** Decoded except for `%2F`, without dot segments; routes match this. */
  readonly path: string;
  /** The path as a function finds it in `request.url`. */
  readonly encodedPath: string;
  /** With its question mark; empty when the target has none. */
  readonly queryString: string;
};

const legalTarget = /^[\x21-\x7e]+$/;
const absoluteForm = /^https?:\/\/[^/?#]*/i;

/** Returns undefined for a target that Kestrel answers with 400. */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  if (!legalTarget.test(target)) {
    return undefined;
  }
  const origin = absoluteForm.exec(target);
  const relative = origin === null ? target : target.slice(origin[0].length) || '/';
  const queryAt = relative.indexOf('?');
  const rawPath = queryAt === -1 ? relative : relative.slice(0, queryAt);
  const decoded = decodePath(rawPath);
  if (!rawPath.startsWith('/') || decoded === undefined) {
    return undefined;
  }
  const path = removeDotSegments(decoded);
  return { path, encodedPath: encodePath(path), queryString: queryAt === -1 ? '' : relative.slice(queryAt) };
}

/** Names without regard to case, values of one name joined with commas, as ASP.NET's `Request.Query` prints them. */
export function parseQuery(queryString: string): Map<string, string> {
  const byLowerName = new Map<string, { name: string; values: string[] }>();
  for (const pair of queryString.replace(/^\?/, '').split('&')) {
    if (pair === '') {
      continue;
    }
    const equalsAt = pair.indexOf('=');
    const name = decodeQueryPart(equalsAt === -1 ? pair : pair.slice(0, equalsAt));
    const value = equalsAt === -1 ? '' : decodeQueryPart(pair.slice(equalsAt + 1));
    const known = byLowerName.get(asciiLower(name));
    if (known === undefined) {
      byLowerName.set(asciiLower(name), { name, values: [value] });
    } else {
      known.values.push(value);
    }
  }
  return new Map([...byLowerName.values()].map(({ name, values }) => [name, values.join(',')]));
}

/** Case is folded for ASCII only: `toLowerCase` would make a `k` of the Kelvin sign. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function decodeQueryPart(part: string): string {
  return decodeEscapes(part.replaceAll('+', ' '), () => false);
}

/** Undefined when the path holds `%00`. */
function decodePath(rawPath: string): string | undefined {
  const decoded = decodeEscapes(rawPath, (byte) => byte === 0x2f);
  return decoded.includes('\0') ? undefined : decoded;
}

/** Decodes runs of escapes as UTF-8; what is not valid UTF-8, or is to be kept, stays as it was written. */
function decodeEscapes(text: string, keep: (byte: number) => boolean): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    let decoded = '';
    for (let at = 0; at < bytes.length; ) {
      const size = utf8Size(bytes[at] ?? 0);
      const character = keep(bytes[at] ?? 0) ? undefined : decodeCharacter(bytes.subarray(at, at + size), size);
      decoded += character ?? run.slice(at * 3, at * 3 + 3);
      at += character === undefined ? 1 : size;
    }
    return decoded;
  });
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeCharacter(bytes: Uint8Array, size: number): string | undefined {
  if (bytes.length !== size) {
    return undefined;
  }
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function utf8Size(lead: number): number {
  if (lead < 0xc0) {
    return 1;
  }
  if (lead < 0xe0) {
    return 2;
  }
  return lead < 0xf0 ? 3 : 4;
}

function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '..') {
      kept.pop();
    }
    if (segment !== '.' && segment !== '..') {
      kept.push(segment);
    } else if (last) {
      kept.push('');
    }
  });
  return `/${kept.join('/')}`;
}

/** Characters of `PathString` that stay, or an escape that is taken for one; everything else is written as UTF-8 escapes. */
function encodePath(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu, (piece) =>
    piece.length === 3 && piece.startsWith('%') ? piece : escapeUtf8(piece),
  );
}

function escapeUtf8(piece: string): string {
  return [...Buffer.from(piece, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
