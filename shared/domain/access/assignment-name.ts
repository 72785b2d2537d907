import { createHash } from 'node:crypto';
import { isOperationId, type OperationId } from '../operation.ts';

/** Whose grant a role assignment is: one operation's, for one attempt. */
export type GrantOwner = { readonly operationId: OperationId; readonly attempt: number };

/** Name of the role assignment: a GUID (RFC 9562, version 8) of operation and attempt, so that a repeated grant is the same one and two attempts never share. */
export function assignmentName({ operationId, attempt }: GrantOwner): string {
  const hash = createHash('sha256').update(`countersign role assignment\n${operationId}\n${attempt}`, 'utf8').digest('hex');
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `${variant}${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-');
}

/** What the assignment says of itself, to people in the portal and to {@link grantOwnerIn}. */
export function grantDescription({ operationId, attempt }: GrantOwner): string {
  return `Countersign ${operationId} attempt ${attempt}`;
}

/** Whose grant a description names; undefined where it is not one of ours. */
export function grantOwnerIn(description: string): GrantOwner | undefined {
  const [, operationId = '', attempt = ''] = /^Countersign (op_[a-z2-7]{26}) attempt ([1-9][0-9]{0,5})$/.exec(description) ?? [];
  return isOperationId(operationId) ? { operationId, attempt: Number(attempt) } : undefined;
}
