import { type Judge, shown } from '../invocation.ts';
import { isTemporary } from '../paths.ts';
import { isKnown, type Value } from '../values.ts';
import { judgeFile } from './shells.ts';

/** Libraries and modules that every program, or every interpreter of a kind, loads before its own code. Source: ld.so(8) and the interpreters' manuals. */
const loaded =
  /^(?:LD_PRELOAD|LD_AUDIT|GCONV_PATH|DYLD_INSERT_LIBRARIES|PYTHONSTARTUP|PYTHONHOME|PERL5OPT|PERL5DB|RUBYOPT|JAVA_TOOL_OPTIONS|COR_PROFILER_PATH|CORECLR_PROFILER_PATH|DOTNET_STARTUP_HOOKS)$/;
/** Files that a shell runs before anything else. Source: the Bash manual, 6.2. */
const startFiles = /^(?:BASH_ENV|ENV)$/;
/** Commands that another program runs. Source: git(1), less(1), sudo(8), the Bash manual. */
const commands =
  /^(?:PROMPT_COMMAND|GIT_SSH_COMMAND|GIT_SSH|GIT_EDITOR|GIT_PAGER|GIT_EXTERNAL_DIFF|GIT_ASKPASS|SSH_ASKPASS|SUDO_ASKPASS|EDITOR|VISUAL|PAGER|MANPAGER|LESSOPEN|LESSCLOSE|BROWSER|TAR_OPTIONS|RSYNC_RSH|MAKEFLAGS)$/;
const prompts = /^PS[0-4]$/;

/** Variables that make programs run something, or shells forget what was done. `values` are what the variable may hold. */
export function judgeVariable(name: string, values: readonly Value[], line: number, judge: Judge): void {
  if (loaded.test(name)) {
    const isLoose = values.some((value) => !isKnown(value) || isTemporary(value.text));
    judge.found(isLoose ? 'scriptDisguisesCommands' : 'scriptRedefinesCommands', line, shown(name));
  } else if (startFiles.test(name)) {
    judge.found('scriptRedefinesCommands', line, shown(name));
    const from = { language: 'bash', line, name, path: name, fields: [], redirections: [], input: undefined } as const;
    for (const value of values) judgeFile('bash', { ...value, word: undefined }, from, judge);
  } else if (commands.test(name) || (prompts.test(name) && values.some(({ text }) => /\$\(|`/.test(text)))) {
    judge.judgeTexts('bash', values, line);
  } else if (
    name === 'NODE_OPTIONS' &&
    values.some(({ text }) => /--(?:require|import|loader|experimental-loader)|(?:^|\s)-r/.test(text))
  ) {
    judge.found('scriptRedefinesCommands', line, shown(name));
  } else if (forgets(name, values)) judge.found('scriptHidesTraces', line, shown(name));
}

function forgets(name: string, values: readonly Value[]): boolean {
  if (name === 'HISTFILE') return values.some(({ text }) => text === '' || text === '/dev/null' || isTemporary(text));
  return /^HIST(?:FILE)?SIZE$/.test(name) && values.some(({ text }) => text === '0');
}
