import { request } from 'node:https';
import type { Identity } from '../../infra/local/identity/start-identity.ts';
import type { Target } from '../support/api-client.ts';

/** Begins the client request id of everything that is put into Azure past Countersign, by which the audit tells it apart. */
export const beforehand = 'beforehand-';

export type AzureBefore = {
  /** Puts into Azure what a request needs there, however often that takes; what was put before is not put again. */
  readonly ensure: (needed: Target | undefined) => Promise<void>;
};

/** Whoever made what there is: an identity that owns everything and that no executor can have. */
export const administratorId = '66666666-6666-4666-8666-0000000000ad';

type Options = { readonly identity: Identity; readonly armAddress: string; readonly certificateAuthority: string };

const tokenLifeMs = 30 * 60_000;
const mostTries = 200;
const pauseMs = 100;

/** Stands for everybody who made what there is in Azure before an agent wants to change it. */
export function makeAzureBefore({ identity, armAddress, certificateAuthority }: Options): AzureBefore {
  const there = new Map<string, Promise<void>>();
  let token: { readonly text: string; readonly until: number } | undefined;
  const tokenOf = async (): Promise<string> => {
    if (token === undefined || token.until < Date.now())
      token = {
        text: await identity.issueToken('deploy-agent', { claims: { aud: 'https://management.azure.com', oid: administratorId } }),
        until: Date.now() + tokenLifeMs,
      };
    return token.text;
  };
  const put = async (target: Target): Promise<void> => {
    const url = new URL(`${armAddress}${target.path}?api-version=${target.apiVersion}`);
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      const headers = {
        authorization: `Bearer ${await tokenOf()}`,
        'content-type': 'application/json',
        'x-ms-client-request-id': `${beforehand}${attempt}-${target.path.split('/').at(-1)}`,
      };
      const status = await send(url, target, headers, certificateAuthority).catch(() => 0);
      if (status >= 200 && status < 300) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    throw new Error(`${target.path} could not be put into Azure.`);
  };
  return {
    ensure: async (needed) => {
      if (needed === undefined) return;
      const putting = there.get(needed.path) ?? put(needed);
      there.set(needed.path, putting);
      await putting;
    },
  };
}

async function send(url: URL, { method, body }: Target, headers: Readonly<Record<string, string>>, ca: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, ca }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', reject);
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}
