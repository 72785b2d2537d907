import type { IncomingHttpHeaders } from 'node:http';
import { type ArmAnswer, armError } from './arm-answer.ts';
import type { StoredResource } from './state-store.ts';

/** If-Match and If-None-Match (RFC 9110, 13.1) of a write or a delete; a refusal where one does not hold. */
export function checkPreconditions(headers: IncomingHttpHeaders, existing: StoredResource | undefined): ArmAnswer | undefined {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  const ifMatchHolds = ifMatch === undefined || names(ifMatch, existing);
  const ifNoneMatchHolds = ifNoneMatch === undefined || !names(ifNoneMatch, existing);
  if (ifMatchHolds && ifNoneMatchHolds) {
    return undefined;
  }
  return armError(412, 'PreconditionFailed', 'The condition specified using HTTP conditional header(s) is not met.');
}

function names(header: string, existing: StoredResource | undefined): boolean {
  if (existing === undefined) {
    return false;
  }
  const candidates = header.split(',').map((candidate) => candidate.trim());
  return candidates.includes('*') || candidates.includes(existing.etag);
}
