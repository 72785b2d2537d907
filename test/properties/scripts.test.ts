import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadScriptReader } from '../../shared/adapters/tree-sitter/load-script-reader.ts';
import { riskRank } from '../../shared/domain/assessment.ts';
import { assess } from '../../shared/domain/risk/assess.ts';
import { type ScriptFactorCode, scriptFactors } from '../../shared/domain/risk/scripts/script-factors.ts';
import type { ScriptLanguage } from '../../shared/domain/risk/scripts/script-reader.ts';
import { caseOf } from '../domain/risk/corpus.ts';
import { foundIn, scriptRows, textOf } from '../domain/risk/scripts/script-corpus.ts';
import { runs } from './runs.ts';

const reader = await loadScriptReader();
const languages = fc.constantFrom<ScriptLanguage[]>('bash', 'powershell');

/** Pieces that mean something to a shell, whole and broken. */
const scraps = fc.constantFrom(
  ...[
    '$(',
    '${',
    '}',
    ')',
    '(',
    '((',
    '))',
    '[[',
    ']]',
    '`',
    "'",
    '"',
    "$'",
    '<<X\n',
    'X\n',
    '<<<',
    '<(',
    '>&',
    '|',
    '||',
    '&&',
    ';',
    ';;',
  ],
  ...[
    '\n',
    '\r\n',
    '\\\n',
    '\\',
    '#',
    '=',
    '+=',
    '$IFS',
    '$@',
    `\${x@P}`,
    `\${!x}`,
    `\${x//a/b}`,
    'a[$(id)]',
    '{a,b}',
    '*',
    '?',
    '\u202e',
    '\0',
  ],
  ...[
    'rm -rf /srv',
    'eval ',
    'sh -c ',
    'xargs -I{} ',
    'env -S ',
    'find . -exec ',
    'base64 -d',
    'echo ',
    'cat ',
    'if ',
    'then ',
    'fi',
    'for i in ',
  ],
  ...[
    'function f { ',
    'f() {',
    'case x in',
    'esac',
    'while ',
    'do ',
    'done',
    'declare -n r=x',
    'az rest -m ',
    'kubectl delete ',
    'psql -c ',
  ],
  ...[
    '& (',
    '. (',
    '@{',
    '@(',
    '@"\n',
    '\n"@',
    '$x::',
    '[type]',
    '-f ',
    '-join',
    '% {',
    '? {',
    '--% ',
    'iex ',
    'Invoke-Command {',
    'param(',
    'cmd /c ',
  ],
);
const texts = fc
  .array(fc.oneof(scraps, fc.string({ maxLength: 8, unit: 'binary' }), fc.constantFrom('a', ' ', 'x', '1')), { maxLength: 40 })
  .map((parts) => parts.join(''));

function worst(found: readonly string[]): number {
  const codes = found.map((line) => line.slice(line.indexOf(' ') + 1)).filter(isCode);
  return Math.max(0, ...codes.map((code) => riskRank(scriptFactors[code].level)));
}

function isCode(code: string): code is ScriptFactorCode {
  return Object.hasOwn(scriptFactors, code);
}

describe('whatever is sent as a script', () => {
  it('is judged without a crash, the same each time', () => {
    fc.assert(
      fc.property(languages, texts, (language, text) => {
        expect(foundIn(reader, language, text)).toEqual(foundIn(reader, language, text));
      }),
      { ...runs, numRuns: 1_000 },
    );
  });

  it('is found not to be understood where it cannot be parsed', () => {
    fc.assert(
      fc.property(languages, texts, (language, text) => {
        fc.pre(text.trim() !== '' && reader.read(language, text).problems.length > 0);
        expect(foundIn(reader, language, text).some((found) => found.endsWith(' scriptNotUnderstood'))).toBe(true);
      }),
      runs,
    );
  });

  it('is never below high in a request that runs it', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom('RunShellScript', 'RunPowerShellScript', 'runshellscript', 'x', ''), (text, commandId) => {
        const call = 'POST {rg}/Microsoft.Compute/virtualMachines/vm/runCommand';
        const body = { commandId, script: text.split('\n') };
        const { request, path, action, facts } = caseOf({ case: '', call, in: 'dev', body, level: 'high', factors: ['x'] });
        expect(riskRank(assess(request, path, action, facts, reader).level)).toBeGreaterThanOrEqual(riskRank('high'));
      }),
      runs,
    );
  });
});

describe('what is found in a script', () => {
  const bash = fc.tuple(fc.constantFrom(...scriptRows('hidden')), fc.constantFrom(...scriptRows('harmless')), fc.constant('bash' as const));
  const powershell = fc.tuple(
    fc.constantFrom(...scriptRows('hidden-powershell')),
    fc.constantFrom(...scriptRows('harmless-powershell')),
    fc.constant('powershell' as const),
  );

  it('is not made less by harmless lines before and after it', () => {
    fc.assert(
      fc.property(fc.oneof(bash, powershell), ([hidden, harmless, language]) => {
        const text = `${textOf(harmless.script)}\n${textOf(hidden.script)}\n${textOf(harmless.script)}\n`;
        expect(worst(foundIn(reader, language, text))).toBeGreaterThanOrEqual(worst(hidden.found));
      }),
      runs,
    );
  });

  it('is not made less by lines that nobody can parse after it', () => {
    fc.assert(
      fc.property(fc.oneof(bash, powershell), texts, ([hidden, , language], rest) => {
        const found = foundIn(reader, language, `${textOf(hidden.script)}\n\n${rest}`);
        expect(worst(found)).toBeGreaterThanOrEqual(Math.min(worst(hidden.found), riskRank('high')));
      }),
      runs,
    );
  });
});

/** Texts that make a reader go back, or its work grow, if anything does. */
const shapes: readonly (readonly [what: string, language: ScriptLanguage, text: (length: number) => string])[] = [
  ['substitutions in substitutions', 'bash', (length) => '$('.repeat(length / 2)],
  ['backquotes', 'bash', (length) => '`'.repeat(length)],
  ['quotes that do not end', 'bash', (length) => `'"`.repeat(length / 2)],
  ['expansions', 'bash', (length) => '${a'.repeat(length / 3)],
  ['braces', 'bash', (length) => `echo ${'{a,b}'.repeat(length / 5)}`],
  ['variables that double', 'bash', (length) => 'a=$a$a\n'.repeat(length / 7)],
  ['pipes', 'bash', (length) => `cat x${' | xargs sh -c'.repeat(length / 14)}`],
  ['pipes of nothing', 'bash', (length) => 'a|'.repeat(length / 2)],
  ['pipes of nothing, a line each', 'bash', (length) => 'a|\n'.repeat(length / 3)],
  ['evaluations of evaluations', 'bash', (length) => `${'eval '.repeat(length / 5)}id`],
  ['words', 'bash', (length) => `echo ${'a '.repeat(length / 2)}`],
  ['commands in here-documents', 'bash', (length) => `cat <<X\n${'$(id)\n'.repeat(length / 6)}X\n`],
  ['subexpressions side by side', 'powershell', (length) => '$(id)'.repeat(length / 5)],
  ['subexpressions in a here-string', 'powershell', (length) => `@"\n${'$(id)\n'.repeat(length / 6)}"@`],
  ['here-documents', 'bash', (length) => 'cat <<X\n'.repeat(length / 8)],
  ['many commands', 'bash', (length) => 'rm -rf /srv/a; '.repeat(length / 15)],
  ['globs of a path', 'bash', (length) => `cat ${'/*'.repeat(length / 2)}`],
  ['options of az', 'bash', (length) => `az network nsg rule update ${'--source-address-prefixes 1.1.1.1 '.repeat(length / 33)}`],
  ['statements of SQL', 'bash', (length) => `psql -c "${'delete from a where b = 1 or '.repeat(length / 29)}"`],
  ['blocks', 'powershell', (length) => '& { '.repeat(length / 4)],
  ['calls', 'powershell', (length) => '(iex '.repeat(length / 5)],
  ['joined texts', 'powershell', (length) => `iex ('a'${"+'a'".repeat(length / 4)})`],
  ['members', 'powershell', (length) => `$a${'.b()'.repeat(length / 4)}`],
];

/** Processor time in milliseconds: what others do on the machine counts less in it than in time that passes. */
function costOf(language: ScriptLanguage, text: string): number {
  const before = process.cpuUsage();
  foundIn(reader, language, text);
  return process.cpuUsage(before).user / 1000;
}

describe('a script of the greatest length', () => {
  const heavy = shapes.filter(([what]) => /^(?:pipes of|subexpressions)/.test(what));

  it.each(heavy)('leaves the reader as it was: %s', (_, language, text) => {
    foundIn(reader, language, text(131_072));
    expect(reader.read('bash', 'rm x').problems).toEqual([]);
    expect(reader.read('powershell', 'Remove-Item x').problems).toEqual([]);
  });
});

describe('thirty scripts that cannot be parsed, in one template', () => {
  it('are more than can be looked through', () => {
    const resources = Array.from({ length: 30 }, (_, index) => ({
      type: 'Microsoft.Compute/virtualMachines/runCommands',
      apiVersion: '2024-03-01',
      name: `vm/r${index}`,
      properties: { source: { script: `${'a|'.repeat(10_000)}${index}|` } },
    }));
    const body = { properties: { mode: 'Incremental', template: { resources } } };
    const call = 'PUT {rg}/Microsoft.Resources/deployments/d';
    const { request, path, action, facts } = caseOf({ case: '', call, in: 'dev', body, level: 'high', factors: ['x'] });
    const { level, factors } = assess(request, path, action, facts, reader);
    expect(level).toBe('critical');
    expect(factors.map(({ code }) => code)).toEqual(expect.arrayContaining(['scriptNotUnderstood', 'scriptTooLong']));
  });
});

describe('four times the script costs no more than a few times as much', () => {
  const smallestCost = 40;
  const tooMuch = 12;

  it.each(shapes)('%s', (_, language, text) => {
    const [short, long] = [text(8_192), text(32_768)];
    const small = Math.max(Math.min(costOf(language, short), costOf(language, short)), smallestCost);
    // The lesser of two looks counts, since other things run too; one that is small enough suffices.
    let least = costOf(language, long) / small;
    if (least >= tooMuch) least = Math.min(least, costOf(language, long) / small);
    expect(least).toBeLessThan(tooMuch);
  });
});
