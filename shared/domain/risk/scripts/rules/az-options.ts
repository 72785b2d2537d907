import { argumentPassages, type Invocation, type Judge, shown } from '../invocation.ts';
import type { ScriptFactorCode } from '../script-factors.ts';

/** One row: what options make of a command of Azure CLI. Both patterns see lower case; the first the words of the name, the second all arguments. */
type OptionRow = readonly [code: ScriptFactorCode, command: RegExp, args: RegExp];

/** Source: learn.microsoft.com/cli/azure/reference-index. */
const rows: readonly OptionRow[] = [
  ['scriptDestroysData', /^deployment \S+ create$/, /--mode[ =]complete/],
  ['scriptDestroysData', /^backup protection disable$/, /--delete-backup-data(?![ =]false)/],
  ['scriptDestroysData', /^storage blob sync$|^storage copy$/, /--delete-destination(?![ =]false)/],
  [
    'scriptGrantsAccess',
    /^network nsg rule (?:create|update)$/,
    /--source-address-prefix(?:es)?[ =](?:\S+ )*?(?:\*|internet|any|0\.0\.0\.0\/0|::\/0)(?:\s|$)/,
  ],
  ['scriptGrantsAccess', /firewall-rule (?:create|update)$|^vm open-port$|network-rule add$|access-restriction (?:add|set)$/, /./],
  [
    'scriptGrantsAccess',
    /./,
    /--public-network-access[ =](?:enabled|true)|--allow-blob-public-access[ =]true|--public-access[ =](?!off|none|disabled)\S/,
  ],
  [
    'scriptGrantsAccess',
    /./,
    /--default-action[ =]allow|--allow-shared-key-access[ =]true|--admin-password|--admin-user\b|--enable-local|--origins?[ =]\*/,
  ],
  ['scriptGrantsAccess', /./, /publicnetworkaccess=enabled|allowblobpublicaccess=true|defaultaction=allow/],
  ['scriptGrantsAccess', /^resource (?:create|update|patch|invoke-action|delete|move)$/, /microsoft\.authorization|elevateaccess/],
  [
    'scriptReadsCredentials',
    /^resource invoke-action$/,
    /--action[ =]\S*(?:key|secret|credential|connectionstring|sas|token|publish|password)/,
  ],
  ['scriptRunsElsewhere', /^resource invoke-action$/, /--action[ =]\S*(?:run|exec|command)/],
  [
    'scriptDisablesDefences',
    /^tag (?:create|update|delete)$|^resource tag$|^group update$/,
    /(?:^|\s|\.)(?:env\w*|stage|tier)[= ]|--operation[ =](?:replace|delete)|^(?:\S+ )*delete\b/,
  ],
  ['scriptDisablesDefences', /^provider unregister$/, /microsoft\.(?:security|insights|operationalinsights|policyinsights)/],
  ['scriptRunsRemoteCode', /^extension add$/, /--source[ =]https?:/],
  ['scriptBuildsCommands', /^interactive$/, /^/],
];

/** Judges what the options of a command of Azure CLI make of it. */
export function judgeAzOptions(command: string, invocation: Invocation, judge: Judge): void {
  const passages = argumentPassages(invocation);
  for (const [code, name, args] of rows)
    if (name.test(command) && passages.some((passage) => args.test(passage))) judge.found(code, invocation.line, shown('az', command));
}
