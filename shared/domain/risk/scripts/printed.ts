import { plainName, powershellName } from './command-name.ts';
import { base32Text, base64Text, hexText } from './decode.ts';
import type { Evaluation } from './evaluation.ts';
import { isDownloader } from './network-commands.ts';
import type { Command, Step } from './script-reader.ts';
import { echoText, printfText, substituted, translated } from './text-commands.ts';
import { concatenated, literal, mapped, marked, type Trait, union, unknownValue, type Value } from './values.ts';

type Values = readonly Value[];

/** What one step prints, as far as that can be told. */
export function printedByStep(evaluation: Evaluation, step: Step, input: Values | undefined): Values {
  switch (step.kind) {
    case 'command':
      return printedByCommand(evaluation, step, input ?? hereText(evaluation, step));
    case 'pipeline': {
      let flowing = input;
      for (const stage of step.stages) flowing = printedByStep(evaluation, stage, flowing);
      return flowing ?? [unknownValue()];
    }
    case 'expression':
      return evaluation.valuesOf(step.value);
    case 'block': {
      const redirected = step.redirections.find(({ operator }) => operator === '<');
      const own = redirected === undefined ? input : evaluation.valuesOf(redirected.target);
      return step.steps.length === 0 ? [literal('')] : evaluation.printedBy(step.steps, own);
    }
    case 'assignment':
    case 'function':
      return [literal('')];
  }
}

/** Text that stands in the script and is read by the command. */
function hereText(evaluation: Evaluation, command: Command): Values | undefined {
  const here = command.redirections.find(({ operator }) => operator === '<<' || operator === '<<<');
  if (here !== undefined) return evaluation.valuesOf(here.target);
  const file = command.redirections.find(({ operator }) => operator === '<');
  return file === undefined ? undefined : evaluation.valuesOf(file.target).map((value) => unknownValue(...value.traits, 'gathered'));
}

/** Commands whose output tells only what kind of machine it is: people put it into addresses and names. */
const plainFacts: ReadonlySet<string> = new Set([
  'uname',
  'arch',
  'dpkg',
  'lsb_release',
  'date',
  'nproc',
  'rpm',
  'pwd',
  'seq',
  'tput',
  'getconf',
  'get-date',
  'get-random',
  'get-location',
  'readlink',
  'realpath',
  'expr',
  'wc',
  'test',
  'true',
  'false',
  'cd',
  'exit',
  'return',
  'mktemp',
]);

/** Their answers are texts that another host chooses. */
const nameLookups: ReadonlySet<string> = new Set(['dig', 'nslookup', 'host', 'drill', 'resolve-dnsname']);

/** What a command reads of a file that is named to it. */
const fileContent: Values = [unknownValue('gathered')];

/** Commands that turn encoded text into what it stands for. */
const decoders: ReadonlySet<string> = new Set([
  'gunzip',
  'zcat',
  'bunzip2',
  'bzcat',
  'unxz',
  'xzcat',
  'unzstd',
  'zstdcat',
  'uudecode',
  'gzip',
  'bzip2',
  'xz',
  'zstd',
  'gpg',
  'ccrypt',
  'tar',
  'unzip',
]);

function printedByCommand(evaluation: Evaluation, command: Command, input: Values | undefined): Values {
  const [nameWord, ...rest] = command.words;
  if (nameWord === undefined) return [literal('')];
  const name = evaluation.valuesOf(nameWord)[0]?.text ?? '';
  const read = input ?? [unknownValue()];
  const args = rest.map((word) => evaluation.valuesOf(word));
  const plain = args.map((values) => values[0]?.text ?? '');
  const isShell = evaluation.scope.language === 'bash';
  if (name === '{}') return nameWord.parts.flatMap((part) => (part.kind === 'scriptBlock' ? evaluation.printedBy(part.steps) : []));
  switch (isShell ? plainName(name) : powershellName(name)) {
    case 'echo':
      return echoed(args, plain).map((value) => marked(value, 'computed'));
    case 'write-output':
    case 'write-host':
      return spaced(args).map((value) => marked(value, 'computed'));
    case 'printf':
      return printfText(args).map((value) => marked(value, 'computed'));
    case 'cat':
    case 'tee':
    case 'head':
    case 'tail':
    case 'sort':
    case 'uniq':
      return plain.every((text) => text.startsWith('-') || /^\d+$/.test(text)) || plainName(name) === 'tee'
        ? read
        : [unknownValue('gathered')];
    case 'base64':
    case 'base32':
    case 'base64decode':
      return baseDecoded(plainName(name), plain, args, read);
    case 'openssl':
      return plain.some((text) => /^-d/.test(text)) ? mapped(read, base64Text, 'decoded') : carried(input ?? fileContent, []);
    case 'xxd':
      return plain.some((text) => /^-[a-z]*r/.test(text)) ? mapped(read, hexText, 'decoded') : carried(input ?? fileContent, []);
    case 'rev':
      return mapped(read, (text) => [...text].reverse().join(''), 'decoded');
    case 'tr':
      return mapped(read, (text) => translated(text, plain), 'decoded');
    case 'sed':
      return mapped(read, (text) => substituted(text, plain), 'decoded');
    case 'which':
    case 'get-command':
      return args.at(-1) ?? [unknownValue()];
    case 'command':
      return plain[0] === '-v' || plain[0] === '-V' ? (args.at(-1) ?? [unknownValue()]) : [unknownValue('gathered')];
    case 'sudo':
    case 'env':
      return evaluation.printedBy([{ ...command, words: rest }], input);
    case 'mktemp':
      return [...concatenated([literal('/tmp/')], [unknownValue()])];
    case 'dirname':
    case 'pwd':
    case 'get-location':
      return [literal('.')];
    case 'basename':
      return mapped(args[0] ?? [unknownValue()], plainLast);
    case 'join-path':
      return args.reduce((all, values) => concatenated(concatenated(all, [literal('\\')]), values));
    case 'foreach-object':
    case 'out-string':
    case 'select-object':
      return carried(read, ['decoded']);
    default:
      return otherOutput(evaluation, plainName(name), args, read, input !== undefined);
  }
}

/** What a command prints of which nothing is computed: unknown, but one knows where it comes from. */
function otherOutput(evaluation: Evaluation, name: string, args: readonly Values[], read: Values, hasInput: boolean): Values {
  const full = evaluation.scope.language === 'bash' ? name : powershellName(name);
  if (isDownloader(full) || nameLookups.has(full)) return [unknownValue('remote')];
  if (decoders.has(full)) return carried(read, ['decoded']);
  if (plainFacts.has(full)) return [unknownValue()];
  const defined = evaluation.scope.functions.get(full);
  if (defined !== undefined) return evaluation.printedBy(defined);
  const traits = args.flat().reduce((all, value) => union(all, value.traits), literal('').traits);
  return hasInput ? carried(read, ['computed']) : [marked(unknownValue('gathered'), ...traits)];
}

function carried(read: Values, traits: readonly Trait[]): Values {
  return read.map((value) => unknownValue(...value.traits, ...traits));
}

function echoed(args: readonly Values[], plain: readonly string[]): Values {
  const options = plain.findIndex((text) => !/^-[neE]+$/.test(text));
  const from = options === -1 ? plain.length : options;
  const escapes = plain.slice(0, from).some((text) => text.includes('e'));
  const printed = spaced(args.slice(from));
  return escapes ? printed.map(({ text, traits }) => ({ text: echoText(text), traits })) : printed;
}

function spaced(args: readonly Values[]): Values {
  return args.reduce<Values>(
    (all, values, index) => concatenated(index === 0 ? all : concatenated(all, [literal(' ')]), values),
    [literal('')],
  );
}

function baseDecoded(name: string, plain: readonly string[], args: readonly Values[], read: Values): Values {
  const decodes = plain.some((text) => /^-[a-z]*[dD][a-z]*$|^--d/.test(text));
  const file = plain.findIndex((text) => !text.startsWith('-') && text !== '0');
  const source = file === -1 ? read : [unknownValue(...(args[file]?.[0]?.traits ?? []), 'gathered')];
  if (!decodes) return carried(source, ['computed']);
  return mapped(source, name === 'base32' ? base32Text : base64Text, 'decoded');
}

function plainLast(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1);
}
