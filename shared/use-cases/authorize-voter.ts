import type { Caller } from '../ports/token-verifier.ts';
import { type AuthorizeDeps, appRoles, authorizePerson } from './authorize-caller.ts';
import type { VotingCaller } from './record-vote.ts';

/** Whose vote this would be. An agent is let through as what it is, so that its attempt is refused where it is recorded. Throws RequestError. */
export function makeAuthorizeVoter(deps: AuthorizeDeps): (caller: Caller) => Promise<VotingCaller> {
  return async (caller) => {
    if (caller.kind === 'agent') return { kind: 'agent', id: caller.objectId, name: caller.objectId };
    return { kind: 'person', ...(await authorizePerson(deps, caller, [appRoles.approve])) };
  };
}
