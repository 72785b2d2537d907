import { z } from 'zod';
import { type Environment, guid } from './values.ts';

/** The user-assigned identities that calls are made with, one a tier. */
export type ExecutorIdentities = {
  readonly operatorClientId: string;
  readonly secretsClientId: string;
  /** `standing`: somebody has given them their roles for good. `perOperation`: they have none but for one operation at a time, given by the granter. */
  readonly rights:
    | { readonly kind: 'standing' }
    | {
        readonly kind: 'perOperation';
        readonly granterClientId: string;
        /** Object ids, which role assignments name. */
        readonly operatorPrincipalId: string;
        readonly secretsPrincipalId: string;
      };
};

export const executor = z.object({
  COUNTERSIGN_OPERATOR_CLIENT_ID: guid,
  COUNTERSIGN_SECRETS_CLIENT_ID: guid,
  COUNTERSIGN_RIGHTS: z.enum(['perOperation', 'standing']).default('perOperation'),
});
export const granting = z.object({
  COUNTERSIGN_GRANTER_CLIENT_ID: guid,
  COUNTERSIGN_OPERATOR_PRINCIPAL_ID: guid,
  COUNTERSIGN_SECRETS_PRINCIPAL_ID: guid,
});

export function executorOf(settings: z.output<typeof executor>, grants: z.output<typeof granting> | undefined): ExecutorIdentities {
  return {
    operatorClientId: settings.COUNTERSIGN_OPERATOR_CLIENT_ID,
    secretsClientId: settings.COUNTERSIGN_SECRETS_CLIENT_ID,
    rights:
      grants === undefined
        ? { kind: 'standing' }
        : {
            kind: 'perOperation',
            granterClientId: grants.COUNTERSIGN_GRANTER_CLIENT_ID,
            operatorPrincipalId: grants.COUNTERSIGN_OPERATOR_PRINCIPAL_ID,
            secretsPrincipalId: grants.COUNTERSIGN_SECRETS_PRINCIPAL_ID,
          },
  };
}

const identityGroups = [
  ['COUNTERSIGN_READER_CLIENT_ID', 'COUNTERSIGN_OPERATOR_CLIENT_ID', 'COUNTERSIGN_SECRETS_CLIENT_ID', 'COUNTERSIGN_GRANTER_CLIENT_ID'],
  ['COUNTERSIGN_OPERATOR_PRINCIPAL_ID', 'COUNTERSIGN_SECRETS_PRINCIPAL_ID'],
] as const;

/** One identity under two names would hold the rights of both. */
export function sharedIdentities(environment: Environment): readonly string[] {
  return identityGroups.flatMap((names) =>
    names.flatMap((name, index) => {
      const value = environment[name]?.toLowerCase();
      const other = names.slice(0, index).find((earlier) => value !== undefined && environment[earlier]?.toLowerCase() === value);
      return other === undefined ? [] : [`${name}: must be another identity than ${other}`];
    }),
  );
}
