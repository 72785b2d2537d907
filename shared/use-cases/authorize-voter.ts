import type { Caller } from '../ports/token-verifier.ts';
import { type AuthorizeDeps, appRoles, authorizeAgent, authorizePerson } from './authorize-caller.ts';
import type { VotingCaller } from './record-vote.ts';

/** Whose vote this would be. A registered agent is let through as what it is, so that its attempt is refused where it is recorded. Throws RequestError. */
export function makeAuthorizeVoter(deps: AuthorizeDeps): (caller: Caller) => Promise<VotingCaller> {
  return async (caller) => {
    if (caller.kind === 'agent') {
      await authorizeAgent(deps, caller);
      return { kind: 'agent', id: caller.objectId, name: caller.objectId };
    }
    return { kind: 'person', ...(await authorizePerson(deps, caller, [appRoles.approve])) };
  };
}
