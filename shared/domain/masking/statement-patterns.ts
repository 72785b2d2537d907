import type { SecretPattern } from './secret-pattern.ts';

/** Secrets in statements and in files of passwords, which no name and no sign assigns. */
export const statementPatterns: readonly SecretPattern[] = [
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
    hint: /:(?:\d{4}|\*):/,
    pattern: /(?<before>^[\w.*-]{1,100}:(?:1433|1521|3306|5432|5433|6432|\*):[\w*-]{1,60}:[\w*.-]{1,60}:)[^\s:]{4,200}$/gm,
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
