import { type ArmAnswer, methodNotAllowed, ok } from '../resource-manager/arm-answer.ts';
import type { JsonObject } from '../resource-manager/json.ts';
import { presentDeleted, presentSecret, presentVersion } from './present-secret.ts';
import type { StoredSecret } from './secret-store.ts';
import { badParameter } from './vault-answer.ts';
import { checkRight, type VaultCall } from './vault-call.ts';

/** `GET /secrets`: what is not deleted, by its current version, by name. */
export function answerSecrets(call: VaultCall): ArmAnswer {
  return answerList(call, 'secrets', () => here(call).map((secret) => [secret.name.toLowerCase(), presentSecret(call, secret)]));
}

/** `GET /secrets/{name}/versions`, by version id, which says nothing of their age; none of a secret that is not there, as the tests of Azure's own client have it. */
export function answerVersions(name: string, call: VaultCall): ArmAnswer {
  const secret = here(call).find((each) => each.name.toLowerCase() === name.toLowerCase());
  const shown = (found: StoredSecret) => found.versions.map((each): Item => [each.version, presentVersion(call, found, each)]);
  const list = () => (secret === undefined ? [] : shown(secret).sort(([one], [other]) => (one < other ? -1 : 1)));
  return answerList(call, `secrets/${name}/versions`, list, name);
}

/** `GET /deletedsecrets`, by name. */
export function answerDeletedSecrets(call: VaultCall): ArmAnswer {
  const deleted = () => call.store.all(call.vault.name).filter((secret) => secret.deleted !== undefined);
  return answerList(call, 'deletedsecrets', () =>
    deleted().map((secret) => [secret.name.toLowerCase(), presentDeleted(call, secret, 'listed')]),
  );
}

/** What is shown, by the key that puts it in its place. */
type Item = readonly [key: string, shown: JsonObject];

const mostPerPage = 25;

function answerList(call: VaultCall, path: string, list: () => readonly Item[], name?: string): ArmAnswer {
  const refusal = checkRight(call, 'readMetadata/action', name);
  if (refusal !== undefined) return refusal;
  if (call.method !== 'GET') return methodNotAllowed(call.method, ['GET']);
  const pageSize = call.query.get('maxresults') ?? String(mostPerPage);
  if (!/^[1-9]\d?$/.test(pageSize) || Number(pageSize) > mostPerPage)
    return badParameter(`maxresults must be between 1 and ${mostPerPage}.`);
  const items = list();
  const after = call.query.get('$skiptoken');
  const left = after === undefined ? items : items.filter(([key]) => key > Buffer.from(after, 'base64url').toString());
  const page = left.slice(0, Number(pageSize));
  const last = page.at(-1)?.[0];
  const isLast = last === undefined || left.length === page.length;
  return ok({ value: page.map(([, shown]) => shown), nextLink: isLast ? null : nextLink(call, path, pageSize, last) });
}

function nextLink({ vaultUrl, apiVersion }: VaultCall, path: string, pageSize: string, last: string): string {
  const token = Buffer.from(last).toString('base64url');
  return `${vaultUrl}/${path}?api-version=${apiVersion}&$skiptoken=${token}&maxresults=${pageSize}`;
}

function here({ store, vault }: VaultCall): readonly StoredSecret[] {
  return store.all(vault.name).filter(({ deleted }) => deleted === undefined);
}
