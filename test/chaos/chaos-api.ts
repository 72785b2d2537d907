import { signIn } from '../../infra/local/identity/sign-in.ts';
import { type Answer, answerOf } from '../support/api-client.ts';
import type { ChaosEnvironment } from './chaos-environment.ts';
import type { Dice } from './random-choice.ts';

export type ChaosApi = {
  /**
   * Sends it until somebody answers, as a patient client does: again after a broken connection, a 5xx and a 429, to whichever host is there; once with a new
   * token where the clock jumped so far that the old one is refused. Throws where nobody ever answers.
   */
  readonly insist: (
    who: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  /** How many answers of each status there were; 0 stands for a connection that broke. */
  readonly answers: () => ReadonlyMap<number, number>;
};

const tokenLifeMs = 30 * 60_000;
const mostTries = 400;
const pauseMs = 250;
const timeoutMs = 30_000;

export function makeChaosApi({ identity, hosts, planted }: Pick<ChaosEnvironment, 'identity' | 'hosts' | 'planted'>, dice: Dice): ChaosApi {
  const tokens = new Map<string, { readonly text: Promise<string>; readonly until: number }>();
  const answers = new Map<number, number>();
  const tokenOf = (who: string): Promise<string> => {
    const kept = tokens.get(who);
    if (kept !== undefined && kept.until > Date.now()) return kept.text;
    const text = signIn(who, { identityAddress: identity.address, credentialsPath: identity.credentialsPath });
    tokens.set(who, { text, until: Date.now() + tokenLifeMs });
    return text;
  };
  const sendOnce = async (url: string, init: RequestInit): Promise<Answer | undefined> => {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }).then(answerOf, () => undefined);
    const status = answer?.status ?? 0;
    answers.set(status, (answers.get(status) ?? 0) + 1);
    planted.see('an answer of the API', answer?.text ?? '');
    return answer;
  };
  return {
    answers: () => answers,
    insist: async (who, method, path, body, headers = {}) => {
      let hasNewToken = false;
      for (let attempt = 1; attempt <= mostTries; attempt += 1) {
        const up = hosts.filter((host) => host.isUp());
        const host = up[Math.floor(dice.draw() * up.length)];
        // Where the clock jumped, a kept connection to the identity provider may be gone, too.
        const token = await tokenOf(who).catch(() => undefined);
        if (token === undefined) tokens.delete(who);
        if (host !== undefined && token !== undefined) {
          const authorization = `Bearer ${token}`;
          const json = body === undefined ? {} : { 'content-type': 'application/json' };
          const answer = await sendOnce(`${host.address}/api${path}`, {
            method,
            headers: { authorization, ...json, ...headers },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          if (answer?.status === 401 && !hasNewToken) {
            tokens.delete(who);
            hasNewToken = true;
          } else if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer;
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      throw new Error(`Nobody answered ${method} ${path}.`);
    },
  };
}
