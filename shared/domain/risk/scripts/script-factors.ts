import type { RiskLevel } from '../../assessment.ts';

/** What a script can be found to do; the worst of it is its level. The sentences are for an approver. */
export const scriptFactors = {
  runsCode: { level: 'high', detail: 'It carries code, which runs with the rights of its target.' },
  codeFromElsewhere: {
    level: 'critical',
    detail: 'Its code is fetched from an address when it runs; what runs then may not be what anybody looked at.',
  },
  deploysPackage: { level: 'high', detail: 'It deploys a package or an image, whose content cannot be seen here.' },
  schedulesCode: { level: 'critical', detail: 'It has code run later, again and again, or whenever somebody calls an address.' },
  setsFunctionKey: { level: 'high', detail: 'It sets a key with which whoever knows it can run the function.' },
  codeNotRead: { level: 'high', detail: 'It carries code in a language or form that is not read here.' },
  scriptNotUnderstood: { level: 'high', detail: 'A part of its script cannot be parsed, so that nobody can tell what it does.' },
  scriptTooLong: { level: 'critical', detail: 'It carries more script than can be looked through.' },
  scriptDestroysData: { level: 'critical', detail: 'Its script destroys data: whole trees, disks, databases, or what holds them.' },
  scriptDeletes: { level: 'high', detail: 'Its script deletes something.' },
  scriptReadsCredentials: { level: 'critical', detail: 'Its script gets at credentials, secrets or tokens.' },
  scriptPersists: { level: 'critical', detail: 'Its script leaves something that runs, or lets somebody in, later.' },
  scriptGrantsAccess: { level: 'critical', detail: 'Its script changes who may do what.' },
  scriptSendsData: { level: 'critical', detail: 'Its script sends data to another host.' },
  scriptOpensRemoteShell: { level: 'critical', detail: 'Its script lets another host give commands, or opens a way to it.' },
  scriptHidesTraces: { level: 'critical', detail: 'Its script removes or falsifies logs, history or times.' },
  scriptDisablesDefences: { level: 'critical', detail: 'Its script turns off what watches or protects the machine.' },
  scriptRunsRemoteCode: { level: 'critical', detail: 'Its script downloads code and runs it.' },
  scriptHidesContent: { level: 'critical', detail: 'Its script runs what is encoded or put together only when it runs.' },
  scriptDisguisesCommands: { level: 'critical', detail: 'Its script writes commands so that they are hard to recognise.' },
  scriptBuildsCommands: { level: 'high', detail: 'Which command its script runs is decided only when it runs.' },
  scriptRedefinesCommands: { level: 'high', detail: 'Its script gives a command another meaning, or goes around one.' },
  scriptDownloads: { level: 'high', detail: 'Its script downloads files.' },
  scriptRunsElsewhere: { level: 'high', detail: 'Its script runs commands on another machine or in a container.' },
  scriptChangesAzure: { level: 'high', detail: 'Its script changes resources by itself, where no further approval is asked.' },
  scriptInterruptsService: { level: 'high', detail: 'Its script stops or restarts a service or a machine.' },
} as const satisfies Readonly<Record<string, { readonly level: RiskLevel; readonly detail: string }>>;

export type ScriptFactorCode = keyof typeof scriptFactors;

/** One thing that was found in one line of a script. `shows` is safe to show: names, options and paths, never values that may be secrets. */
export type Finding = { readonly code: ScriptFactorCode; readonly line: number; readonly shows: string };
