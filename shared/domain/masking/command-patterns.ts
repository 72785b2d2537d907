import type { SecretPattern } from './secret-pattern.ts';

/** One argument, as it stands between spaces or quotation marks; what a shell fills in later is none. */
const argument = '(?:"(?!\\$)[^"\\r\\n]{1,300}"|\'[^\'\\r\\n]{1,300}\'|(?![$"\'<-])[^\\s"\'|;&<>]{1,300})';

/** What stands between a command and its flag: other arguments of the same command. */
const arguments_ = '[^\\r\\n|;&]{0,200}?';

type Command = { readonly commands: string; readonly flag: string };

/** Commands whose short flags are a password. A flag's name alone says too little, as `-p` is a port or a path elsewhere. Source: their manuals. */
const commands: readonly Command[] = [
  { commands: 'mysql(?:dump|admin|import|show|check|pump|sh)?|mariadb(?:-[a-z]+)?', flag: '-p(?! )' },
  { commands: 'sqlcmd|osql|bcp|isql', flag: '-P\\s{0,3}' },
  { commands: 'sshpass', flag: '-p\\s{0,3}' },
  {
    commands: '(?:docker|podman|buildah|helm|crane|oras|nerdctl|oc|heroku|npm|gh|az acr) [a-z ]{0,20}login',
    flag: '(?:-p|--password)\\s{1,3}',
  },
  { commands: 'az login', flag: '-p\\s{1,3}' },
  { commands: 'az [a-z][a-z -]{1,60} (?:create|update|reset|set-password|connect)', flag: '-p\\s{1,3}' },
  {
    commands: 'psexec(?:64)?(?:\\.exe)?|certutil(?:\\.exe)?|plink|pscp|putty|winrs|rdesktop|xfreerdp|xlock',
    flag: '(?:-p|-pw|/p:|-f -p)\\s{0,3}',
  },
  { commands: 'redis-cli', flag: '(?:-a|--pass)\\s{1,3}' },
  { commands: 'ldap(?:search|modify|add|delete|passwd|whoami|compare)', flag: '-w\\s{0,3}' },
  { commands: '7z[azr]?(?:\\.exe)?|rar|unrar', flag: '-p(?! )' },
  { commands: 'zip|unzip', flag: '-P\\s{0,3}' },
  { commands: 'ssh-keygen', flag: '-[NP]\\s{0,3}' },
  { commands: 'schtasks(?:\\.exe)?|runas', flag: '/rp\\s{1,3}' },
  { commands: 'az keyvault secret set', flag: '--value[ =]{1,3}' },
  { commands: 'gh secret set|gh variable set', flag: '(?:--body|-b)[ =]{1,3}' },
  { commands: 'kubectl create secret', flag: '--from-literal[ =]{1,3}[\\w.-]{1,60}=' },
  { commands: 'vault (?:kv )?(?:put|write|patch)', flag: '\\s[\\w.-]{1,60}=' },
  { commands: 'smbclient|rpcclient|smbmap|net rpc', flag: '(?:-U|--user)[ =]{0,3}["\']?[\\w.\\\\/-]{1,60}%' },
  { commands: 'htpasswd', flag: '-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\\s{1,3}\\S{1,100}\\s{1,3}\\S{1,60}\\s{1,3}' },
  { commands: 'net1?(?:\\.exe)? user', flag: '[\\w.-]{1,60}\\s{1,3}(?=\\S{0,200}[\\d!-/:@])(?!/|\\*)' },
  { commands: 'net1?(?:\\.exe)? use', flag: '\\\\\\\\[\\w.-]{1,60}\\\\[\\w.$-]{1,60}\\s{1,3}(?!/|\\*)' },
];

const ofCommands = new RegExp(
  commands
    .map(({ commands: names, flag }) => {
      const before = flag.startsWith('\\s') || flag.startsWith('[') || flag.startsWith('\\\\') ? `${flag}` : `\\s${flag}`;
      return `\\b(?:${names})\\s${arguments_}${before}`.replace(`\\s${arguments_}\\s`, `(?=\\s)${arguments_}\\s`);
    })
    .map((before) => `(?:${before})`)
    .join('|'),
  'i',
);

/** Secrets on command lines and in statements, which no name and no sign assigns. */
export const commandPatterns: readonly SecretPattern[] = [
  {
    kind: 'password of a command',
    hint: /\b(?:mysql|mariadb|sqlcmd|osql|bcp|isql|sshpass|login|az |psexec|certutil|plink|pscp|winrs|rdesktop|xfreerdp|redis-cli|ldap|7z|rar|zip|ssh-keygen|schtasks|runas|secret|vault |smbclient|rpcclient|htpasswd|net1?(?:\.exe)? use)/i,
    pattern: new RegExp(`(?<before>${ofCommands.source})${argument}`, 'gi'),
  },
  {
    kind: 'password in SQL',
    hint: /identified|password/i,
    pattern:
      /(?<before>\bidentified\s{1,4}(?:with\s{1,4}[\w'"]{1,60}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?|\bpassword\s{1,4}N?(?=')|\bpassword\s{0,4}\(\s{0,4}(?=['"]))(?:'(?:[^'\r\n]|''){1,300}'|"[^"\r\n]{1,300}")/gi,
  },
  {
    kind: 'password piped to its setter',
    hint: /chpasswd|passwd\b/,
    pattern:
      /(?<before>\b(?:echo|printf)\s{1,4}(?:-[a-z]{1,3}\s{1,4})?["']?(?:[\w.-]{1,60}:)?)[^\s"'|$:]{4,200}(?=["']?\s{0,4}\|\s{0,4}(?:sudo\s{1,4})?(?:chpasswd|passwd)\b)/g,
  },
  {
    kind: 'password file',
    hint: /:(?:\d{2,5}|\*):/,
    pattern: /(?<before>^[\w.*-]{1,100}:(?:\d{2,5}|\*):[\w*-]{1,60}:[\w*.-]{1,60}:)[^\s:]{4,200}$/gm,
  },
  { kind: 'netrc', hint: /login\s/, pattern: /(?<before>\blogin\s{1,8}\S{1,100}\s{1,8}password\s{1,8})(?![$<{])\S{1,200}/g },
  { kind: 'password of Oracle', hint: 'jdbc:oracle', pattern: /(?<before>jdbc:oracle:[a-z0-9]{1,10}:[\w-]{1,60}\/)[^\s@"']{1,200}(?=@)/g },
  {
    kind: 'token as the user of a URL',
    hint: '://',
    pattern: /(?<before>[a-z0-9]:\/\/)(?=[A-Za-z0-9_-]{0,60}\d)[A-Za-z0-9_-]{24,200}(?=@)/g,
  },
  {
    kind: 'private member of a JSON Web Key',
    hint: /kty/,
    pattern: /(?<before>\\{0,4}["'](?:d|p|q|dp|dq|qi|k)\\{0,4}["']\s{0,4}:\s{0,4}\\{0,4}["'])[\w-]{16,}/g,
  },
  {
    kind: 'data of a Kubernetes secret',
    hint: /kind:\s{0,4}Secret\b/,
    pattern:
      /(?<before>(?<=(?:^|\n)[ \t]{0,20}(?:stringData|data):(?:[^\n]{0,400}\n[ \t]{1,20}){1,30})[\w.-]{1,100}:[ \t]{1,8})(?![|>])[^\s][^\r\n]{0,4000}/g,
  },
];
