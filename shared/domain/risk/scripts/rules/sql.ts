import { type Invocation, type Judge, operands, optionValues, parameter, shown } from '../invocation.ts';
import type { ScriptFactorCode } from '../script-factors.ts';
import { fileOrigin } from '../script-files.ts';
import { type Delimiter, passagesOf, segmentsOf } from '../segments.ts';
import { isKnown, type Value } from '../values.ts';

/** Clients of databases and the options by which they take statements. */
const clients: Readonly<Record<string, readonly string[]>> = {
  psql: ['-c', '--command'],
  mysql: ['-e', '--execute'],
  mariadb: ['-e', '--execute'],
  mysqlsh: ['-e', '--execute'],
  sqlcmd: ['-Q', '-q', '--query', '--initial-query'],
  osql: ['-Q', '-q'],
  isql: [],
  sqlite3: ['-cmd'],
  sqlplus: [],
  cqlsh: ['-e', '--execute'],
  'clickhouse-client': ['-q', '--query'],
  duckdb: ['-c'],
  'invoke-sqlcmd': [],
  'invoke-dbaquery': [],
  mongosh: ['--eval'],
  mongo: ['--eval'],
};

/** Clients of databases: the statements that they are given are judged. Gives whether it was one. */
export function judgeSqlClient(invocation: Invocation, judge: Judge): boolean {
  const options = Object.hasOwn(clients, invocation.name) ? clients[invocation.name] : undefined;
  if (options === undefined) return judgeDump(invocation, judge);
  const given: Value[] = [...optionValues(invocation, ...options)];
  for (const [index, { text }] of invocation.fields.entries()) {
    const next = invocation.fields[index + 1];
    if (/^-[A-Za-z]+[eEcQ]$/.test(text) && next !== undefined) given.push(next);
  }
  if (invocation.name.startsWith('invoke-')) given.push(...parameter(invocation, 'query', 1).values);
  if (invocation.name === 'sqlite3' || invocation.name === 'duckdb') given.push(...operands(invocation).slice(1));
  if (given.length === 0 || invocation.input !== undefined) given.push(...(invocation.input?.values ?? []));
  for (const file of optionValues(invocation, '-f', '-i', '--file', '--input-file'))
    given.push(...(fileOrigin(judge.files, file.text)?.contents ?? []));
  const isMongo = invocation.name.startsWith('mongo');
  for (const value of given) {
    if (!isKnown(value) && (value.traits.has('decoded') || value.traits.has('remote')))
      judge.found('scriptHidesContent', invocation.line, invocation.name);
    const codes = isMongo ? judgeMongo(value.text) : judgeSql(value.text);
    for (const code of codes) judge.found(code, invocation.line, shown(invocation.name, statementName(value.text)));
    for (const command of shellEscapes(value.text)) judge.judgeTexts('bash', [{ text: command, traits: value.traits }], invocation.line);
  }
  return true;
}

/** First words of the first statement: never its values. */
function statementName(text: string): string {
  return (
    /\b(?:drop|truncate|delete|update|alter|grant|create|copy|exec(?:ute)?|select|insert|merge|backup|restore|load|set|call|do)\b(?:\s+(?:table|database|schema|user|role|login|index|view|from|into|column))?/i.exec(
      text,
    )?.[0] ?? ''
  );
}

function judgeDump(invocation: Invocation, judge: Judge): boolean {
  if (!/^(?:pg_dump|pg_dumpall|mysqldump|mariadb-dump|mongodump|bcp|sqlpackage|pg_basebackup|mydumper)$/.test(invocation.name))
    return false;
  judge.found('scriptReadsCredentials', invocation.line, shown(invocation.name, 'a copy of the data'));
  return true;
}

/** What a text of SQL does. Quoted texts are set aside, comments too unless a server runs them; what is built at run time hides its content. */
export function judgeSql(text: string): readonly ScriptFactorCode[] {
  const codes = new Set<ScriptFactorCode>();
  for (const dialect of [standard, mysql]) {
    const { plain, strings } = withoutStrings(text, dialect);
    judgeStatements(plain, codes);
    if (!buildsStatements.test(plain)) continue;
    codes.add('scriptBuildsCommands');
    for (const inner of strings.slice(0, maxStrings)) judgeStatements(inner, codes);
    judgeStatements(strings.slice(0, maxStrings).join(''), codes);
    if (/\b0x[0-9a-f]{6,}|\bn?char\s*\(\s*\d|\bchr\s*\(\s*\d|\bunhex\s*\(|\bfrom_base64\s*\(|\bdecode\s*\(/i.test(plain))
      codes.add('scriptHidesContent');
  }
  return [...codes];
}

const buildsStatements =
  /\bexec(?:ute)?\s*(?:\(|immediate\b|@)|\bsp_executesql\b|\bprepare\b|\bdo\s+''|\bformat\s*\(|\bdblink_exec\b|\\gexec\b|\bu&\s*''/i;
const maxStrings = 32;

function judgeStatements(plain: string, codes: Set<ScriptFactorCode>): void {
  for (const statement of plain.split(';')) {
    for (const passage of passagesOf(statement.replace(/\s+/g, ' ').trim().toLowerCase(), 2_048, 256)) judgeStatement(passage, codes);
  }
}

function judgeStatement(statement: string, codes: Set<ScriptFactorCode>): void {
  for (const [code, pattern] of sqlRows) if (pattern.test(statement)) codes.add(code);
  const changes = /\b(?:delete from|delete|update)\b/.exec(statement);
  if (changes !== null && !/\bon (?:delete|update)\b|\bfor update\b/.test(statement) && isUnlimited(statement))
    codes.add('scriptDestroysData');
  else if (changes !== null && /\bdelete\b/.test(statement)) codes.add('scriptDeletes');
}

/** No condition, or one that is always true. */
function isUnlimited(statement: string): boolean {
  if (!/\bdelete\b|\bupdate\b \S+ set\b|\bupdate\b.* set\b/.test(statement)) return false;
  const where = /\bwhere\b(.*)$/.exec(statement)?.[1]?.trim();
  if (where === undefined) return true;
  return /^\(*(?:(\d+) ?= ?\1\b|true\b|not false\b|'' ?= ?''|\d+ ?[<>!=]+ ?\d+\b|[^=<>]+ like '?%'?$|.* or (?:\d+ ?[<>!=]+ ?\d+|'' ?= ?''|true\b)|(\S+) ?= ?\2(?:\s|$)|\d+$|[\w.]+ is not null$)/.test(
    where,
  );
}

const sqlRows: readonly (readonly [code: ScriptFactorCode, pattern: RegExp])[] = [
  [
    'scriptDestroysData',
    /\bdrop (?:database|schema|table|tablespace|materialized|column|keyspace|owned|external|partition|index|view|user|role|login|function|procedure|trigger|sequence|extension|server|publication|subscription|constraint|certificate|master key|(?:if exists ))/,
  ],
  ['scriptDestroysData', /\btruncate(?: table| only)? [^\s(]|^truncate\b/],
  ['scriptDestroysData', /\balter (?:table|database)\b.*\b(?:drop|set offline|set emergency|detach|remove file)\b/],
  [
    'scriptDestroysData',
    /\b(?:sp_detach_db|sp_dropdatabase|dbcc (?:shrink|checkdb.*repair_allow_data_loss)|restore database|drop database|reset master|purge binary logs|shutdown\b)/,
  ],
  [
    'scriptGrantsAccess',
    /\b(?:grant|revoke)\b .*\b(?:to|from|on)\b|\bcreate (?:user|role|login|credential)\b|\balter (?:user|role|login|server role|authorization)\b|\bsp_add(?:srv)?rolemember\b|\bsp_addlogin\b|^set password\b|\bsecurity definer\b|\bset trustworthy on\b|\bsetuser\b/,
  ],
  [
    'scriptReadsCredentials',
    /\bpg_(?:shadow|authid|read_file|read_binary_file|ls_dir)\b|\bmysql\.user\b|\bsys\.(?:sql_logins|syslogins|server_principals|credentials|symmetric_keys)\b|\bload_file\b|\bdbms_metadata\b|\bpg_user_mapping\b|\bdba_users\b|\butl_file\b/,
  ],
  [
    'scriptSendsData',
    /\binto (?:outfile|dumpfile)\b|\bcopy\b.*\bto\b|\bopen(?:rowset|query|datasource)\b|\bdblink\b|\bbackup (?:database|log)\b|\bexport database\b|\bsp_send_dbmail\b|\butl_http\b|\bhttp_post\b|\bsp_invoke_external_rest_endpoint\b|\bcreate external\b|\bcreate server\b|\bpostgres_fdw\b/,
  ],
  [
    'scriptRunsElsewhere',
    /\bxp_cmdshell\b|\bsp_oacreate\b|\bsp_execute_external_script\b|\bcopy\b.*\bprogram\b|\blo_export\b|\bsys_exec\b|\bsys_eval\b|\bcreate (?:or replace )?function\b.*\blanguage (?:c|plpython\w*|plperlu|plsh)\b|\bcreate assembly\b|\bdbms_scheduler\b|\bcreate function\b.*\bsoname\b|\bxp_dirtree\b|\bsp_start_job\b/,
  ],
  [
    'scriptPersists',
    /\bcreate (?:or replace |or alter )?(?:trigger|event|job)\b|\bsp_add_job\b|\bsp_procoption\b|\bcron\.schedule\b|\bevent trigger\b/,
  ],
  [
    'scriptDisablesDefences',
    /\bsp_configure\b|\breconfigure\b|\bdisable trigger\b|\baudit\b.*\b(?:off|state ?= ?off)\b|\bset (?:global )?(?:general_log|log_bin|sql_log_bin|local_infile|secure_file_priv)\b|\balter (?:server|database) audit\b|\balter system set\b|\bpgaudit\b|\bset session_replication_role\b|\bencryption off\b|\brow level security\b|\bdisable row\b/,
  ],
  ['scriptInterruptsService', /^kill\b|\bpg_terminate_backend\b|^rename table\b|^lock tables?\b|\baccess exclusive\b/],
  ['codeNotRead', /^\s*(?:\\ir?\b|\\include|source\s|\\\.\s|:r\s|@)/],
  [
    'scriptHidesTraces',
    /\bpg_stat_(?:reset|statements_reset)\b|\bsp_cycle_errorlog\b|\bsp_delete_backuphistory\b|\bflush (?:logs|binary)\b|\bdelete\b.*\baudit/,
  ],
];

const blockComment: Delimiter = { open: '/*', close: '*/', kind: 'comment', escape: '' };

/** What is a comment or the end of a text in one dialect is none in another: a text is read as both. */
const standard: readonly Delimiter[] = [
  { open: '--', close: '\n', kind: 'comment', escape: '' },
  blockComment,
  { open: "'", close: "'", kind: 'quoted', escape: '' },
  { open: '$$', close: '$$', kind: 'quoted', escape: '' },
  { open: '"', close: '"', kind: 'quoted', escape: '' },
  { open: '[', close: ']', kind: 'quoted', escape: '' },
];
const mysql: readonly Delimiter[] = [
  { open: '-- ', close: '\n', kind: 'comment', escape: '' },
  { open: '#', close: '\n', kind: 'comment', escape: '' },
  blockComment,
  { open: "'", close: "'", kind: 'quoted', escape: '\\' },
  { open: '"', close: '"', kind: 'quoted', escape: '\\' },
  { open: '`', close: '`', kind: 'quoted', escape: '' },
];

/** Texts in quotes are replaced by an empty one, quoted names stay; comments go, but those that MySQL runs stay. */
function withoutStrings(text: string, dialect: readonly Delimiter[]): { readonly plain: string; readonly strings: readonly string[] } {
  const strings: string[] = [];
  const plain = segmentsOf(text.replace(/\$[a-z_]\w*\$/gi, '$$$$'), dialect).map(({ kind, open, text: inner }) => {
    if (kind === 'plain') return inner;
    if (kind === 'comment') return inner.startsWith('!') ? ` ${inner.replace(/^!\d*/, '')} ` : '\n';
    if (open === "'" || open === '$$') {
      strings.push(inner);
      return inner.startsWith('%') ? " '%' " : " '' ";
    }
    return ` ${inner.replace(/[^\w.]/g, '_')} `;
  });
  return { plain: plain.join(''), strings };
}

/** `\!` of psql, `system` and `!` of others, `COPY … PROGRAM`. */
function shellEscapes(text: string): readonly string[] {
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:\\!|!!|system\s|\.shell\s|\.system\s|!|\\o\s*\|)\s*([^\n]+)|program\s+'([^']+)'|xp_cmdshell\s+N?'([^']+)'/gi,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function judgeMongo(text: string): readonly ScriptFactorCode[] {
  const codes = new Set<ScriptFactorCode>();
  if (/\[\s*['"`]/.test(text) && /\]\s*\(/.test(text)) codes.add('scriptBuildsCommands');
  if (/(?:run|admin)command/i.test(text) && /['"{\s](?:drop\w*|delete|shutdown)['"]?\s*:/i.test(text)) codes.add('scriptDestroysData');
  if (/dropdatabase|\.drop\(|deletemany\(\s*\{\s*\}|remove\(\s*\{\s*\}|dropcollection|dropindex/i.test(text))
    codes.add('scriptDestroysData');
  else if (/deletemany|deleteone|\.remove\(|findoneanddelete/i.test(text)) codes.add('scriptDeletes');
  if (/createuser|createrole|grantroles|updateuser|changeuserpassword/i.test(text)) codes.add('scriptGrantsAccess');
  if (/system\.users|getusers/i.test(text)) codes.add('scriptReadsCredentials');
  if (/eval\(|atob\(|frombase64|child_process|require\(/i.test(text)) codes.add('scriptHidesContent');
  return [...codes];
}
