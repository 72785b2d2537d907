import { jsonAnswer, type LocalAnswer, type LocalRequest, parseJsonBody } from '../loopback-server.ts';
import { type Credentials, secretsEqual } from './credentials.ts';
import { type Directory, personChange } from './directory.ts';

/**
 * `PATCH /admin/people/{name}` with `Authorization: Bearer <administrator's secret>` and a body of `accountEnabled`, `groups`
 * (group object ids, replacing the list) and `deleted`, each optional. Answers the person as they are now, or 204 for one who is deleted.
 * It stands for what an administrator does in the Entra portal; the cloud has no such path.
 */
export function answerAdminRequest(request: LocalRequest, name: string, directory: Directory, credentials: Credentials): LocalAnswer {
  const given = /^Bearer ([^ ]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (given === undefined || !secretsEqual(given, credentials.administratorSecret)) {
    return adminError(401, 'unauthorized', "The administrator's secret is missing or wrong.");
  }
  if (request.method !== 'PATCH') {
    return adminError(405, 'methodNotAllowed', 'Only PATCH is supported.');
  }
  const change = personChange.safeParse(parseJsonBody(request.body));
  if (!change.success) {
    return adminError(400, 'badRequest', 'The body may hold accountEnabled, groups (seeded group ids) and deleted, and nothing else.');
  }
  if (!directory.change(name, change.data)) {
    return adminError(404, 'notFound', 'No such person was seeded.');
  }
  const person = directory.byName(name);
  return person === undefined ? { status: 204, headers: {}, body: undefined } : jsonAnswer(200, person);
}

function adminError(status: number, code: string, message: string): LocalAnswer {
  return jsonAnswer(status, { error: { code, message } });
}
