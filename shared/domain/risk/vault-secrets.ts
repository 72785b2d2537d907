import type { Environment, RiskFactor } from '../assessment.ts';
import { epochMsOf, type Instant } from '../instant.ts';
import { type SecretRequest, secretNameOf } from '../secrets/secret-request.ts';
import { newestOf, type SecretProperties, type SecretState, usersByTags, type VaultFacts } from '../secrets/secret-state.ts';
import { factorOf, oneHigher, type RiskRow } from './rule.ts';

/** A call of a vault's secrets and what was read before it. */
export type SecretSubject = {
  readonly request: SecretRequest;
  readonly environment: Environment;
  readonly vault: VaultFacts;
  /** Undefined for what is about the whole vault. */
  readonly state: SecretState | undefined;
  readonly readAt: Instant;
};

/** One row of the table. `find` answers with the evidence where the rule applies, else with undefined. */
type SecretRule = RiskRow & { readonly find: (subject: SecretSubject) => string | undefined };

/** `set https://kv.vault.azure.net db-password`: what is asked, without any value. */
function callOf({ request }: SecretSubject): string {
  return [request.method, request.vault, secretNameOf(request) ?? ''].join(' ').trimEnd();
}

function on(...methods: readonly SecretRequest['method'][]): SecretRule['find'] {
  return (subject) => (methods.includes(subject.request.method) ? callOf(subject) : undefined);
}

function changesSecret({ method }: SecretRequest): boolean {
  return method !== 'list' && method !== 'get';
}

/** A version that is valid for no longer than this is worth a word. */
const soonMs = 14 * 24 * 60 * 60 * 1000;

function expiryOf({ state, readAt }: SecretSubject): string | undefined {
  const expires = state === undefined ? undefined : newestOf(state)?.expires;
  if (expires === undefined) return undefined;
  return epochMsOf(expires) - epochMsOf(readAt) <= soonMs ? `expires ${expires}` : undefined;
}

/** Dates are those of a value: a new one does not inherit them. */
function lost(current: SecretProperties): readonly string[] {
  return [...(current.expires === undefined ? [] : ['expires']), ...(current.notBefore === undefined ? [] : ['notBefore'])];
}

/** Nobody could bring it back: the vault keeps nothing, or says of the secret that it is not kept. */
function isKept({ vault, state }: SecretSubject): boolean {
  if (!vault.softDelete) return false;
  const level = state?.state === 'present' ? state.versions[0].recoveryLevel : undefined;
  return level === undefined || level.toLowerCase().includes('recoverable');
}

export const vaultSecretRules: readonly SecretRule[] = [
  {
    code: 'listsSecretNames',
    level: 'low',
    detail: 'It lists names of secrets, no values.',
    raisedBy: '`list` of a vault',
    find: on('list'),
  },
  {
    code: 'readsSecretProperties',
    level: 'low',
    detail: 'It reads properties, no value.',
    raisedBy: '`get` of a secret without `reveal`',
    find: (subject) => (subject.request.method === 'get' && subject.request.revealTo === undefined ? callOf(subject) : undefined),
  },
  {
    code: 'revealsSecretValue',
    level: 'high',
    detail: 'The agent gets the value itself.',
    raisedBy: '`get` of a secret with `reveal`',
    find: (subject) => (subject.request.method === 'get' && subject.request.revealTo !== undefined ? callOf(subject) : undefined),
  },
  {
    code: 'setsSecret',
    level: 'high',
    detail: 'Whoever uses it gets another value.',
    raisedBy: '`set` of a secret',
    find: on('set'),
  },
  {
    code: 'deletesSecret',
    level: oneHigher.high,
    detail: 'Whoever needs it is locked out.',
    raisedBy: '`delete` of a secret',
    find: on('delete'),
  },
  {
    code: 'deletesSecretForGood',
    level: 'critical',
    detail: 'The vault does not keep it.',
    raisedBy: '`delete` of a secret where soft delete is off, or its recovery level says that it is not kept',
    find: (subject) => (subject.request.method === 'delete' && !isKept(subject) ? callOf(subject) : undefined),
  },
  {
    code: 'purgesSecret',
    level: oneHigher.high,
    detail: 'Nobody can bring it back.',
    raisedBy: '`purge` of a deleted secret',
    find: on('purge'),
  },
  {
    code: 'recoversSecret',
    level: 'medium',
    detail: 'It brings back what was deleted.',
    raisedBy: '`recover` of a deleted secret',
    find: on('recover'),
  },
  {
    code: 'secretHasUsers',
    level: 'medium',
    detail: 'Its tags name users.',
    raisedBy: 'tags such as `usedBy`, `app`, `service` or `owner` on a secret that is changed',
    find: ({ request, state }) => {
      const current = state === undefined ? undefined : newestOf(state);
      const users = current === undefined ? [] : usersByTags(current.tags);
      return changesSecret(request) && users.length > 0 ? users.join(', ') : undefined;
    },
  },
  {
    code: 'secretOfCertificate',
    level: 'high',
    detail: 'It belongs to a certificate.',
    raisedBy: 'a change to a secret that Key Vault manages',
    find: (subject) => {
      const current = subject.state === undefined ? undefined : newestOf(subject.state);
      return changesSecret(subject.request) && current?.managed === true ? callOf(subject) : undefined;
    },
  },
  {
    code: 'losesSecretProperties',
    level: 'medium',
    detail: 'The new version lacks these.',
    raisedBy: '`set` of a secret that expires or is not valid from the first; tags and content type are kept',
    find: ({ request, state }) => {
      const current = state?.state === 'present' ? state.versions[0] : undefined;
      const names = current === undefined ? [] : lost(current);
      return request.method === 'set' && names.length > 0 ? names.join(', ') : undefined;
    },
  },
  {
    code: 'secretDeletedBefore',
    level: 'medium',
    detail: 'A deleted one is kept.',
    raisedBy: '`set` of a secret that is in the state of soft delete',
    find: (subject) => (subject.request.method === 'set' && subject.state?.state === 'deleted' ? callOf(subject) : undefined),
  },
  {
    code: 'secretExpiresSoon',
    level: 'low',
    detail: 'It expires soon.',
    raisedBy: 'a secret whose newest version ends within 14 days',
    find: expiryOf,
  },
  {
    code: 'secretNotRead',
    level: 'high',
    detail: 'It could not be read.',
    raisedBy: 'a change to a secret whose properties the reader identity cannot read',
    find: ({ request, state }) => (changesSecret(request) && state?.state === 'unreadable' ? state.reason : undefined),
  },
];

/** The factors of one call of a vault's secrets. What no rule knows there is not: every method has its row. */
export function secretFactors(subject: SecretSubject): readonly RiskFactor[] {
  return vaultSecretRules.flatMap((rule) => {
    const evidence = rule.find(subject);
    return evidence === undefined ? [] : [factorOf(rule, subject.environment, evidence)];
  });
}
