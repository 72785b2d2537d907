import { z } from 'zod';
import { parseJsonBody } from '../loopback-server.ts';
import type { ArmAnswer } from '../resource-manager/arm-answer.ts';
import { badParameter } from './vault-answer.ts';

const seconds = z.int().nonnegative();
const described = {
  contentType: z.string().max(255).exactOptional(),
  attributes: z
    .object({ enabled: z.boolean().exactOptional(), nbf: seconds.exactOptional(), exp: seconds.exactOptional() })
    .exactOptional(),
  tags: z.record(z.string().max(512), z.string().max(256)).exactOptional(),
};
const setContent = z.object({ value: z.string(), ...described });
const updateContent = z.object(described);

export type SetContent = z.infer<typeof setContent>;
export type UpdateContent = z.infer<typeof updateContent>;
type Read<Content> = { readonly kind: 'read'; readonly content: Content } | { readonly kind: 'refused'; readonly answer: ArmAnswer };

/** Source: learn.microsoft.com/azure/key-vault/secrets/about-secrets: 25k bytes, 15 tags. */
const valueLimitBytes = 25 * 1024;
const tagLimit = 15;

/** What a PUT sets; the refusals never repeat any of it. */
export function readSet(body: Buffer): Read<SetContent> {
  const parsed = setContent.safeParse(parseJsonBody(body));
  if (!parsed.success) return refused(wrongProperty(parsed.error));
  if (Buffer.byteLength(parsed.data.value) > valueLimitBytes) {
    return refused(`Secret value is too large. The limit is ${valueLimitBytes} bytes.`);
  }
  return checkTags(parsed.data);
}

/** What a PATCH changes; a value is not among it. */
export function readUpdate(body: Buffer): Read<UpdateContent> {
  const parsed = updateContent.safeParse(parseJsonBody(body));
  return parsed.success ? checkTags(parsed.data) : refused(wrongProperty(parsed.error));
}

function checkTags<Content extends UpdateContent>(content: Content): Read<Content> {
  const count = Object.keys(content.tags ?? {}).length;
  return count > tagLimit
    ? refused(`Too many tags specified. The maximum number of tags allowed is ${tagLimit}.`)
    : { kind: 'read', content };
}

function wrongProperty({ issues }: z.ZodError): string {
  const path = issues[0]?.path.map(String).join('.') ?? '';
  return `Property ${path === '' ? '' : `${path} `}has invalid value`;
}

function refused(message: string): { readonly kind: 'refused'; readonly answer: ArmAnswer } {
  return { kind: 'refused', answer: badParameter(message) };
}
