import type { Invocation, Judge } from '../invocation.ts';
import { shown } from '../invocation.ts';
import { fileOrigin } from '../script-files.ts';
import { judgeAz } from './az.ts';
import { judgeInterpreter } from './interpreters.ts';
import { judgeKubectl } from './kubectl.ts';
import { judgeNewObject, namesGuard } from './members.ts';
import { judgeNetwork } from './network.ts';
import { judgeImported, judgePassedOn } from './passed-on.ts';
import { judgeTouched } from './paths-touched.ts';
import { judgeRemoval } from './removal.ts';
import { judgeFile, judgeShell } from './shells.ts';
import { judgeSqlClient } from './sql.ts';
import { judgeUnixTable } from './unix-table.ts';
import { judgeWindowsTable } from './windows-table.ts';
import { judgeWrapped } from './wrappers.ts';

/** Everything that is asked about one command. */
export function judgeInvocation(invocation: Invocation, judge: Judge): void {
  judgeTouched(invocation, judge);
  if (invocation.fields.some(({ text }) => namesGuard(text)))
    judge.found('scriptDisablesDefences', invocation.line, shown(invocation.name, 'the guards of PowerShell'));
  (invocation.language === 'bash' ? judgeUnixTable : judgeWindowsTable)(invocation, judge);
  judgeRemoval(invocation, judge);
  judgeNetwork(invocation, judge);
  judgeNewObject(invocation, judge);
  const isHandled =
    judgeShell(invocation, judge) ||
    judgeKubectl(invocation, judge) ||
    judgeAz(invocation, judge) ||
    judgeSqlClient(invocation, judge) ||
    judgeInterpreter(invocation, judge) ||
    judgeWrapped(invocation, judge);
  judgeImported(invocation, judge);
  if (isHandled) return;
  judgeProgram(invocation, judge);
  judgePassedOn(invocation, judge);
}

const installers =
  /^(?:dpkg|rpm|msiexec|installer|apt|apt-get|yum|dnf|pip3?|npm|tar|make|add-appxpackage|import-module|ipmo|invoke-item|start|explorer|rundll32|regsvr32|cmake|ninja|bazel)$/;

/** A program by its path, which the script may have fetched or written itself, and what installs programs from files. */
function judgeProgram(invocation: Invocation, judge: Judge): void {
  const copied = fileOrigin(judge.files, invocation.path)?.standsFor;
  if (copied !== undefined) {
    judge.found('scriptRedefinesCommands', invocation.line, shown(invocation.name));
    judge.judgeFields([{ text: copied, traits: new Set(), word: undefined }, ...invocation.fields], invocation);
    return;
  }
  const isPath = /[/\\]/.test(invocation.path) || /\.(?:ps1|psm1|sh|bat|cmd|exe|py|run|bin)$/i.test(invocation.path);
  if (isPath || fileOrigin(judge.files, invocation.path) !== undefined) {
    const language = /\.(?:ps1|psm1)$/i.test(invocation.path)
      ? 'powershell'
      : /\.(?:bat|cmd)$/i.test(invocation.path)
        ? 'cmd'
        : invocation.language;
    judgeFile(language, { text: invocation.path, traits: new Set(), word: undefined }, invocation, judge);
  }
  if (!installers.test(invocation.name)) return;
  for (const field of invocation.fields) {
    if (fileOrigin(judge.files, field.text)?.isRemote === true && invocation.name !== 'tar')
      judge.found('scriptRunsRemoteCode', invocation.line, shown(invocation.name, field.text));
    else if (/^(?:https?:|git\+|ftp:|\\\\[^\\?.])/i.test(field.text))
      judge.found('scriptRunsRemoteCode', invocation.line, shown(invocation.name, 'from an address'));
  }
}
