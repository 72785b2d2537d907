import type { ScriptLanguage } from './script-reader.ts';
import { wordBreak } from './values.ts';

/** Variables whose value is the same on every machine, or stands for a place. */
const bashVariables: Readonly<Record<string, string>> = {
  HOME: '~',
  IFS: wordBreak,
  TMPDIR: '/tmp',
  PWD: '.',
  SHELL: '/bin/bash',
  BASH: '/bin/bash',
  '0': 'bash',
};

/** Names in lower case, as the reader gives them. */
const powershellVariables: Readonly<Record<string, string>> = {
  null: '',
  true: 'true',
  false: 'false',
  home: '~',
  pwd: '.',
  psscriptroot: '.',
  profile: '~\\Documents\\WindowsPowerShell\\Microsoft.PowerShell_profile.ps1',
  pshome: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0',
  shellid: 'Microsoft.PowerShell',
  verbosepreference: 'SilentlyContinue',
  'env:temp': 'C:\\Windows\\Temp',
  'env:tmp': 'C:\\Windows\\Temp',
  'env:userprofile': '~',
  'env:homepath': '~',
  'env:appdata': '~\\AppData\\Roaming',
  'env:localappdata': '~\\AppData\\Local',
  'env:systemdrive': 'C:',
  'env:systemroot': 'C:\\Windows',
  'env:windir': 'C:\\Windows',
  'env:programdata': 'C:\\ProgramData',
  'env:programfiles': 'C:\\Program Files',
  'env:comspec': 'C:\\WINDOWS\\system32\\cmd.exe',
  'env:public': 'C:\\Users\\Public',
};

export function wellKnownVariable(language: ScriptLanguage, name: string): string | undefined {
  const known = language === 'bash' ? bashVariables : powershellVariables;
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
