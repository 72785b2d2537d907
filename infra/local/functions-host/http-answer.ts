import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { InvocationResponse } from './core-types.ts';

const nullable = <T extends z.ZodType>(value: T) => z.object({ value }).nullish();

const cookie = z.object({
  name: z.string(),
  value: z.string(),
  domain: nullable(z.string()),
  path: nullable(z.string()),
  expires: nullable(z.object({ seconds: z.number() })),
  secure: nullable(z.boolean()),
  httpOnly: nullable(z.boolean()),
  sameSite: z.enum(['none', 'lax', 'strict', 'explicitNone']),
  maxAge: nullable(z.number()),
});

type Cookie = z.infer<typeof cookie>;

const httpAnswer = z.object({
  http: z.object({
    statusCode: z.coerce.number().int().min(200).max(599),
    headers: z.record(z.string(), z.string()),
    cookies: z.array(cookie),
    body: z.object({ bytes: z.instanceof(Uint8Array) }).nullish(),
  }),
});

/** Headers of the connection, and the length, are this host's to set. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Writes what the function answered; without an answer it is 204, as in the cloud. Throws when the library's answer has no such shape. */
export function writeAnswer(outgoing: ServerResponse, response: InvocationResponse): void {
  if (response.returnValue === null || response.returnValue === undefined) {
    writeEmpty(outgoing, 204);
    return;
  }
  const { statusCode, headers, cookies, body } = httpAnswer.parse(response.returnValue).http;
  for (const [name, value] of Object.entries(headers)) {
    if (!ownHeaders.has(name)) {
      outgoing.setHeader(name, value);
    }
  }
  for (const entry of cookies) {
    outgoing.appendHeader('set-cookie', serializeCookie(entry));
  }
  outgoing.statusCode = statusCode;
  const bytes = body?.bytes ?? new Uint8Array();
  if (statusCode !== 204 && statusCode !== 304) {
    outgoing.setHeader('content-length', bytes.length);
  }
  outgoing.end(bytes);
}

/** An answer of the host itself, without a body. */
export function writeEmpty(outgoing: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  outgoing.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': '0' });
  outgoing.end();
}

/** The attributes in the order and spelling of ASP.NET's `SetCookieHeaderValue`, where a cookie without a path gets `/`. */
function serializeCookie(entry: Cookie): string {
  const sameSite = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' }[entry.sameSite];
  const parts = [
    `${encodeURIComponent(entry.name)}=${encodeURIComponent(entry.value)}`,
    entry.expires ? `expires=${new Date(entry.expires.value.seconds * 1000).toUTCString()}` : undefined,
    entry.maxAge ? `max-age=${entry.maxAge.value}` : undefined,
    entry.domain ? `domain=${entry.domain.value}` : undefined,
    `path=${entry.path?.value ?? '/'}`,
    entry.secure?.value ? 'secure' : undefined,
    sameSite === undefined ? undefined : `samesite=${sameSite}`,
    entry.httpOnly?.value ? 'httponly' : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}
