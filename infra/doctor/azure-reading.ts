import { z } from 'zod';
import { type Answer, ask, type Site, told } from './site.ts';

/** What Azure lists, or why it did not, with what to do. */
export type Listed<Item> =
  | { readonly kind: 'listed'; readonly items: readonly Item[] }
  | { readonly kind: 'unread'; readonly detail: string; readonly remedy: string };

const page = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });
const mostPages = 50;

/** Reads a list of Azure Resource Manager to its end. Pages elsewhere are not followed, since the operator's token goes with them. */
export async function listAzure<Item>(site: Site, path: string, apiVersion: string, shape: z.ZodType<Item>): Promise<Listed<Item>> {
  const token = await site.tokens.forAzure().catch((error: unknown) => (error instanceof Error ? error : new Error('none')));
  if (token instanceof Error) return { kind: 'unread', detail: 'there is no token for Azure', remedy: token.message };
  const { origin } = new URL(site.deployment.azure);
  const items: Item[] = [];
  let next: string | undefined = `${site.deployment.azure}${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`;
  for (let pages = 0; next !== undefined; pages += 1) {
    const answer: Answer = await ask(site, next, { headers: { authorization: `Bearer ${token}` } });
    if (answer.kind === 'failed' || answer.status !== 200) return unread(answer);
    const read = page.safeParse(answer.body);
    const parsed = read.success ? z.array(shape).safeParse(read.data.value) : undefined;
    if (!read.success || parsed?.success !== true) return { kind: 'unread', ...strange };
    items.push(...parsed.data);
    next = read.data.nextLink === null || read.data.nextLink === '' ? undefined : read.data.nextLink;
    if (next !== undefined && (pages === mostPages || !URL.canParse(next) || new URL(next).origin !== origin))
      return { kind: 'unread', ...strange };
  }
  return { kind: 'listed', items };
}

/** Reads one resource; undefined where it does not exist. */
export async function readAzure<Shape>(site: Site, id: string, apiVersion: string, shape: z.ZodType<Shape>): Promise<Listed<Shape>> {
  const token = await site.tokens.forAzure().catch((error: unknown) => (error instanceof Error ? error : new Error('none')));
  if (token instanceof Error) return { kind: 'unread', detail: 'there is no token for Azure', remedy: token.message };
  const answer = await ask(site, `${site.deployment.azure}${id}?api-version=${apiVersion}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (answer.kind === 'answered' && answer.status === 404) return { kind: 'listed', items: [] };
  if (answer.kind === 'failed' || answer.status !== 200) return unread(answer);
  const parsed = shape.safeParse(answer.body);
  return parsed.success ? { kind: 'listed', items: [parsed.data] } : { kind: 'unread', ...strange };
}

const strange = {
  detail: 'Azure answered what cannot be understood',
  remedy: 'Look whether `azure` of the description names Azure Resource Manager.',
};

function unread(answer: Answer): { readonly kind: 'unread'; readonly detail: string; readonly remedy: string } {
  const status = answer.kind === 'answered' ? answer.status : undefined;
  const remedies: Readonly<Record<number, string>> = {
    401: 'Sign in again (az login), to the tenant and the cloud of the deployment.',
    403: 'You need the role Reader on the resource group, and on every scope where identities of Countersign have rights.',
    404: 'It is not there, or you may not see it: compare the ids of the description with the resource group, and deploy again.',
  };
  const remedy = status === undefined ? undefined : remedies[status];
  return {
    kind: 'unread',
    detail: `Azure ${told(answer)}`,
    remedy: remedy ?? 'Look whether Azure Resource Manager can be reached from here, and ask again.',
  };
}
