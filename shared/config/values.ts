import { z } from 'zod';

/** The variables of the process, as they are given. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const guid = z.guid('must be a GUID').transform((text) => text.toLowerCase());
export const list = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()))
  .pipe(z.array(z.string().min(1, 'must not have an empty entry')));
export const isLoopback = (host: string) => host === 'localhost' || host === '127.0.0.1' || host === '[::1]' || host.endsWith('.localhost');

/** https everywhere; http only on this machine, where the stand-ins are. */
export const serviceUrl = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))) {
    context.addIssue({ code: 'custom', message: 'must be an https URL (http only for this machine)' });
  }
});

/** A setting without a value is one that is not there: templates write it so. */
export const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([z.literal('').transform(() => undefined), schema]).optional();

/** Clients read the names without case or without outer spaces, so both are taken off here. */
export function readPart(part: string): { readonly name: string; readonly value: string } {
  const [name = '', ...value] = part.split('=');
  return { name: name.trim().toLowerCase(), value: value.join('=').trim() };
}
