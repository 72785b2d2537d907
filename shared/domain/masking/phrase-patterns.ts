import type { SecretPattern } from './secret-pattern.ts';

/** What people call a secret in a sentence. */
const noun =
  '(?:pass ?words?|pass ?phrase|passcode|pwd|pw|secret(?: key)?|api[ -]?key|access key|account key|token|passwort|kennwort|contrase(?:n|\\u00f1)a|mot de passe|senha|wachtwoord)';

/** How a sentence goes on from there to the secret itself; the noun may be set off, as in Markdown. */
const joint =
  '[*_`"\')]{0,3}(?:\\s(?:for|of|to|on) [^\\s]{1,40}(?: [^\\s]{1,40}){0,3}?)?(?:\\s{0,3}(?::|=|->|=>|\\u2192|\\||-|\\()[*_`"\']{0,3}\\s{0,3}|\\s{1,3}(?:is|was|ist|lautet|are|will be|set to)(?: now)?:?\\s{1,3}|[ \\t]{0,3}\\r?\\n[ \\t]{0,8}|\\t|\\s(?=["\'`\\u201c]))["\'`*_(\\u201c]{0,3}';

/** Of one piece, with letters and digits or signs that no word has; no path, date, version, address or name of an algorithm. */
const password =
  '(?=[^\\s"\'`<>()|]{0,60}[A-Za-z])(?=[^\\s"\'`<>()|]{0,60}[\\d!#$%^&*+~?@])(?![\\w.-]{0,80}/)(?!v?\\d+(?:\\.\\d+)+)(?!\\d{4}-\\d\\d)(?![\\w-]{1,40}\\([^)]{0,40}\\))(?![a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30})+(?![\\w!#$%^&*+~?@]))(?![\\w-]{1,80}\\.[a-z]{2,5}(?![\\w.]))(?!(?:sha|md|utf|base|aes|rsa|oauth|argon|pbkdf|hs|rs|es|bcrypt|ed|tls|v|http|[a-z]{1,3})-?\\d{1,5}(?![\\w!#$%^&*+~?@]))(?![0-9a-f]{8}-[0-9a-f]{4}-)(?![$%{<\\u00ab])[^\\s"\'`<>()|,;\\u201d]{6,200}';

/** Four kinds of characters: nothing but a password is written so. */
const strong =
  '(?=[^\\s"\'`<>]{0,60}[a-z])(?=[^\\s"\'`<>]{0,60}[A-Z])(?=[^\\s"\'`<>]{0,60}\\d)(?=[^\\s"\'`<>]{0,60}[!#$%^&*+~?@])(?![\\w.-]{0,80}/)(?![$%{<\\u00ab])[^\\s"\'`<>(),;|]{8,100}';

const ending = '(?<![.,;:!?)\\]}*_])';

/** Secrets in sentences, tables and notes, as in a justification. */
export const phrasePatterns: readonly SecretPattern[] = [
  {
    kind: 'secret in a sentence',
    isCostly: true,
    hint: new RegExp(`\\b${noun}`, 'i'),
    pattern: new RegExp(`(?<before>(?<![\\w/.-])${noun}${joint})${password}${ending}`, 'gi'),
  },
  {
    kind: 'password beside its name',
    isCostly: true,
    hint: new RegExp(`\\b${noun}`, 'i'),
    pattern: new RegExp(`(?<before>(?<![\\w/.-])${noun}\\s{1,3})${strong}${ending}`, 'g'),
  },
  {
    kind: 'user and password in one',
    isCostly: true,
    hint: /\b(?:cred|log ?in|sign ?in|user)/i,
    pattern: new RegExp(
      `(?<before>\\b(?:cred(?:ential)?s?|log ?in|sign ?in|user(?: ?name)? ?/ ?pass(?:word)?|user)[^\\r\\n]{0,30}?[\\w.@-]{1,60}\\s?[/:]\\s?)${strong}${ending}`,
      'g',
    ),
  },
];
