import { scriptFactors } from '../../domain/risk/scripts/script-factors.ts';
import { secretUseRows } from '../../domain/risk/secret-uses.ts';
import { generalRows, ruleTables } from '../../domain/risk/tables.ts';
import { templateFactors } from '../../domain/risk/template/template-factors.ts';
import { vaultSecretRules } from '../../domain/risk/vault-secrets.ts';

/** Every code that `context.factorCodes` can hold. */
export const factorCodes: ReadonlySet<string> = new Set([
  ...[...vaultSecretRules, ...Object.values(secretUseRows)].map(({ code }) => code),
  ...Object.values(ruleTables).flatMap((rows) => rows.map(({ code }) => code)),
  ...Object.values(generalRows).map(({ code }) => code),
  ...templateFactors.map(({ code }) => code),
  ...Object.keys(scriptFactors),
]);
