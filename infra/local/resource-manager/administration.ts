import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { jsonAnswer, type LocalAnswer, type LocalRequest, parseJsonBody } from '../loopback-server.ts';
import { readIfPresent, writePrivately } from '../private-files.ts';
import { armError, methodNotAllowed } from './arm-answer.ts';
import { type FaultControl, fault, randomFaults } from './faults.ts';
import { toLocal } from './local-answer.ts';

/** Whose requests are administration: a secret that only who may read the stand-in's directory has. */
export type AdminKey = { readonly value: string; readonly matches: (given: unknown) => boolean };

/** The key kept in the file, made on the first start. */
export function openAdminKey(path: string): AdminKey {
  const kept = readIfPresent(path);
  const value = kept ?? randomBytes(32).toString('base64url');
  if (kept === undefined) {
    writePrivately(path, value);
  }
  return { value, matches: (given) => typeof given === 'string' && timingSafeEqual(sha256(given), sha256(value)) };
}

export function isAdministration(rawUrl: string): boolean {
  return /^\/_faults(?:[/?]|$)/.test(rawUrl);
}

const posted = z.union([z.strictObject({ inject: fault }), z.strictObject({ randomly: randomFaults })]);

/**
 * `/_faults`, which the cloud does not have: `GET` counts what happened, `POST {"inject": …}` or `{"randomly": …}` arms,
 * `POST /_faults/ID/release` lets go, `DELETE` ends all. The header `x-admin-key` must be the key in `admin.key`.
 */
export function administer({ method, rawUrl, headers, body }: LocalRequest, key: AdminKey, faults: FaultControl): LocalAnswer {
  if (!key.matches(headers['x-admin-key'])) {
    return toLocal(armError(401, 'AuthenticationFailed', 'The header x-admin-key is not the key of this stand-in.'));
  }
  const released = /^\/_faults\/([\w-]+)\/release$/.exec(rawUrl)?.[1];
  if (released !== undefined && method === 'POST') {
    return faults.release(released) ? empty : toLocal(armError(404, 'NotFound', 'There is no such fault.'));
  }
  if (rawUrl !== '/_faults') {
    return toLocal(armError(404, 'NotFound', 'There is nothing to administer here.'));
  }
  switch (method) {
    case 'GET':
      return jsonAnswer(200, { happened: faults.happened() });
    case 'POST':
      return arm(parseJsonBody(body), faults);
    case 'DELETE':
      faults.clear();
      return empty;
    default:
      return toLocal(methodNotAllowed(method, ['GET', 'POST', 'DELETE']));
  }
}

const empty: LocalAnswer = { status: 204, headers: {}, body: undefined };

function arm(body: unknown, faults: FaultControl): LocalAnswer {
  const order = posted.safeParse(body);
  if (!order.success) {
    return toLocal(armError(400, 'InvalidRequestContent', z.prettifyError(order.error)));
  }
  if ('inject' in order.data) {
    return jsonAnswer(201, { id: faults.inject(order.data.inject).id });
  }
  faults.randomly(order.data.randomly);
  return empty;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
