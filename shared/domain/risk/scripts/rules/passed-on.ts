import { plainName } from '../command-name.ts';
import { type Invocation, type Judge, shown } from '../invocation.ts';

/** Commands that nobody names in what another command is given, unless that is to run them. */
const passed = /^(?:rm|shred|dd|mkfs(?:\.\w+)?|wipefs|userdel|shutdown|reboot|halt|poweroff|sh|bash|dash|zsh|ksh)$/;
const passedText =
  /^(?:!|%\()?\s*(?:sudo\s+)?(?:\/\S*\/)?(?:rm|shred|dd|mkfs(?:\.\w+)?|wipefs|userdel|shutdown|reboot|halt|poweroff|sh|bash|dash|zsh|ksh)\s+\S/;

/** Commands that only look for names, print them or install what has them. */
const namers =
  /^(?:echo|printf|logger|wall|cowsay|:|true|test|\[|e?f?grep|rg|ag|ack|awk|gawk|sed|cut|sort|which|whereis|whatis|apropos|man|info|type|hash|help|locate|ls|stat|file|find|cat|head|tail|less|more|dpkg|rpm|apt|apt-get|apt-cache|yum|dnf|zypper|apk|snap|brew|ps|pgrep|pidof|pkill|killall|chsh|usermod|useradd|alias|unalias|complete|compgen|read|select|notify-send|mail|jq|basename|dirname|cp|ln|mv|install|parted|rsync|scp|tar|zip|chmod|chown|touch|mkdir|tee|diff|cmp|wc|md5sum|sha256sum)$/;

/** Tools whose first words are verbs of their own, as `git rm` and `docker volume rm`. */
const verbTools = /^(?:git|docker|podman|nerdctl|crictl|aws|gsutil|gcloud|npm|yarn|pnpm|cargo|svn|hg|helm|conda|dvc|rclone|restic|lxc)$/;

/**
 * There are more commands that run others than any list holds: where a word of one that is not known to run nothing is itself a dangerous command,
 * what follows is judged as run.
 */
export function judgePassedOn(invocation: Invocation, judge: Judge): void {
  const { name, fields, line, language } = invocation;
  if (language !== 'bash' || name === '' || namers.test(name)) return;
  const at = fields.findIndex(({ text }, index) => passed.test(plainName(text)) && !(index <= 1 && verbTools.test(name)));
  if (at !== -1 && at + 1 < fields.length) judge.judgeFields(fields.slice(at), invocation);
  for (const field of fields) {
    const own = field.text.replace(/^[\w:%-]{1,80}=+/, '');
    if (field.text.length <= maxText && passedText.test(own))
      judge.judgeTexts('bash', [{ text: own.replace(/^(?:!|%\()/, ''), traits: field.traits }], line);
  }
}

const maxText = 4_096;

/** `BASH_FUNC_name%%=() { …` gives the next shell a function. Source: the Bash manual, 6.2 and variables.c. */
export function judgeImported(invocation: Invocation, judge: Judge): void {
  for (const field of invocation.fields) {
    const body = /^BASH_FUNC_[^=]{1,80}=\(\)\s*(\{[\s\S]*)$/.exec(field.text)?.[1];
    if (body === undefined) continue;
    judge.found('scriptDisguisesCommands', invocation.line, shown(invocation.name, 'BASH_FUNC_'));
    judge.judgeTexts('bash', [{ text: body, traits: field.traits }], invocation.line);
  }
}
