import { z } from 'zod';
import { list } from './values.ts';

export type SealingKey = { readonly kid: string; readonly key: Uint8Array };

const sealingKey = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,40}:[A-Za-z0-9+/]{43}=$/, 'must be a key id, a colon and 32 bytes in base64')
  .transform((text): SealingKey => {
    const [kid = '', key = ''] = text.split(':');
    return { kid, key: new Uint8Array(Buffer.from(key, 'base64')) };
  });

/** The first seals; the others still open what was sealed before. */
export const sealingKeys = list
  .pipe(z.tuple([sealingKey], sealingKey))
  .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'must not use a key id twice');
