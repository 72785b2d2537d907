import { everything, matchesOf, maxFindings, type Range } from './ranges.ts';
import type { WorkBudget } from './work-budget.ts';

/** One argument, as it stands between spaces or quotation marks; what a shell fills in later is none. */
const argument = '(?:"(?!\\$)[^"\\r\\n]{1,300}"|\'[^\'\\r\\n]{1,300}\'|(?![$"\'<-])[^\\s"\'|;&<>]{1,300})';

/** Other arguments of the same command. */
const others = '[^\\r\\n|;&]{0,200}?';

/**
 * Commands whose short flags are a password, each with what stands between its name and the secret. A flag's name alone says too little, as `-p` is a port or a
 * path elsewhere. Source: their manuals.
 */
const commands: readonly (readonly [names: string, flag: string])[] = [
  ['mysql(?:dump|admin|import|show|check|pump|sh)?|mariadb(?:-[a-z]{1,10})?', '\\s-p(?! )'],
  ['sqlcmd|osql|bcp|isql', '\\s-P\\s{0,3}'],
  ['sshpass', '\\s-p\\s{0,3}'],
  ['docker|podman|buildah|helm|crane|oras|nerdctl|oc', '\\slogin\\s[^\\r\\n|;&]{0,120}?-p\\s{1,3}'],
  ['az keyvault secret set', '\\s--value[ =]{1,3}'],
  ['az', '\\s(?:login|create|update|reset|set-password|connect)\\s[^\\r\\n|;&]{0,120}?(?<=\\s)-p\\s{1,3}'],
  ['psexec(?:64)?(?:\\.exe)?|certutil(?:\\.exe)?|plink|pscp|winrs|rdesktop|xfreerdp', '\\s(?:-p|-pw|/p:)\\s{0,3}'],
  ['redis-cli', '\\s-a\\s{1,3}'],
  ['ldap(?:search|modify|add|delete|passwd|whoami|compare)', '\\s-w\\s{0,3}'],
  ['7z[azr]?(?:\\.exe)?|rar|unrar', '\\s-p(?! )'],
  ['zip|unzip', '\\s-P\\s{0,3}'],
  ['ssh-keygen', '\\s-[NP]\\s{0,3}'],
  ['schtasks(?:\\.exe)?', '\\s/rp\\s{1,3}'],
  ['gh secret set', '\\s(?:--body|-b)[ =]{1,3}'],
  ['kubectl create secret', '\\s--from-literal[ =]{1,3}[\\w.-]{1,60}='],
  ['vault (?:kv )?(?:put|write|patch)', '\\s[\\w.-]{1,60}='],
  ['smbclient|rpcclient|smbmap|net rpc', '\\s-U[ =]{0,3}["\']?[\\w.\\\\/-]{1,60}%'],
  ['htpasswd', '\\s-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\\s{1,3}\\S{1,100}\\s{1,3}\\S{1,60}\\s{1,3}'],
  ['net1?(?:\\.exe)? user', '\\s{1,3}[\\w.-]{1,60}\\s{1,3}(?=\\S{0,200}[\\d!-.:@])(?![/*])'],
  ['net1?(?:\\.exe)? use', '\\s\\\\\\\\[\\w.-]{1,60}\\\\[\\w.$-]{1,60}\\s{1,3}(?:/user:\\S{1,60}\\s{1,3})?(?![/*])'],
];

const anyCommand = new RegExp(`\\b(?:${commands.map(([names]) => `(${names})(?=\\s)`).join('|')})`, 'gi');
const secrets = commands.map(([, flag]) => new RegExp(`^(?<before>${others}${flag})${argument}`));

/** A command is looked at once in so many characters, and with so many that none which follows is missed. */
const stride = 100;
const reach = 700;

/** The arguments of a command may be split in many ways. */
const perLook = 1_000;

/** Passwords that stand on a command line. Linear in the length of the text. */
export function findCommandSecrets(text: string, work: WorkBudget): readonly Range[] {
  const ranges: Range[] = [];
  const looked = new Map<number, number>();
  for (const match of matchesOf(anyCommand, text)) {
    if (ranges.length > maxFindings) return everything(text);
    const index = match.findIndex((group, at) => at > 0 && group !== undefined) - 1;
    const secret = secrets[index];
    const end = match.index + match[0].length;
    if (secret === undefined || end < (looked.get(index) ?? 0)) continue;
    if (!work.spend(perLook)) return everything(text);
    const found = secret.exec(text.slice(end, end + reach));
    looked.set(index, end + stride);
    if (found === null) continue;
    ranges.push({ start: end + (found.groups?.['before']?.length ?? 0), end: end + found[0].length });
    looked.set(index, end + found[0].length);
  }
  return ranges;
}
