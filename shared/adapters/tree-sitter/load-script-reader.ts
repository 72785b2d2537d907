import { join } from 'node:path';
import treeSitter from '@vscode/tree-sitter-wasm';
import type { Script, ScriptLanguage, ScriptProblem, ScriptReader, Step } from '../../domain/risk/scripts/script-reader.ts';
import { bashSteps } from './bash-steps.ts';
import { parsePassages } from './bounded-parse.ts';
import { powershellSteps } from './powershell-steps.ts';
import { preparePowershell, withoutOddities } from './powershell-text.ts';
import type { Reading } from './reading.ts';
import type { SyntaxNode } from './syntax-node.ts';

/** A script longer than this, in UTF-16 units, is not read at all. */
const maxScriptLength = 131_072;
/** Texts inside texts, as escaped backquotes make them. */
const maxInner = 20;

/**
 * Loads the grammars of bash and PowerShell once; what it gives is synchronous and holds no state between calls. The `.wasm` files lie beside the
 * library, or beside the bundle that holds it.
 */
export function loadScriptReader(): Promise<ScriptReader> {
  loaded ??= load();
  return loaded;
}

/** The library is initialised once a process, and tells only then where it lies. */
let loaded: Promise<ScriptReader> | undefined;

async function load(): Promise<ScriptReader> {
  let directory = '';
  await treeSitter.Parser.init({
    locateFile: (file, folder) => {
      directory = folder;
      return join(folder, file);
    },
  });
  const [bash, powershell] = await Promise.all([loadParser(directory, 'bash'), loadParser(directory, 'powershell')]);
  return { read: (language, text) => read(language === 'bash' ? bash : powershell, language, text) };
}

async function loadParser(directory: string, language: ScriptLanguage): Promise<treeSitter.Parser> {
  const parser = new treeSitter.Parser();
  parser.setLanguage(await treeSitter.Language.load(join(directory, `tree-sitter-${language}.wasm`)));
  return parser;
}

function read(parser: treeSitter.Parser, language: ScriptLanguage, text: string): Script {
  if (text.length > maxScriptLength) return { language, steps: [], problems: [{ line: 1, code: 'tooLong' }] };
  if (language === 'bash') return readPrepared(parser, language, prepareBash(text));
  const prepared = preparePowershell(text);
  const script = readPrepared(parser, language, prepared);
  if (script.problems.length === 0) return script;
  const other = readPrepared(parser, language, withoutOddities(prepared));
  return other.problems.length === 0 ? other : script;
}

/** A shell passes over zero characters, which end a text for the parser. */
function readPrepared(parser: treeSitter.Parser, language: ScriptLanguage, text: string): Script {
  const problems: ScriptProblem[] = [];
  const zero = text.indexOf('\0');
  if (zero !== -1) problems.push({ line: text.slice(0, zero).split('\n').length, code: 'syntax' });
  const steps = readText(parser, language, text.replaceAll('\0', ''), 1, problems, { at: 0 });
  return { language, steps, problems };
}

function readText(
  parser: treeSitter.Parser,
  language: ScriptLanguage,
  text: string,
  line: number,
  problems: ScriptProblem[],
  depth: { at: number },
): readonly Step[] {
  const steps: Step[] = [];
  const readInner = (inner: string, innerLine: number) => {
    depth.at += 1;
    const found = depth.at > maxInner ? [] : readText(parser, language, inner, innerLine, problems, depth);
    if (depth.at > maxInner) problems.push({ line: innerLine, code: 'tooDeep' });
    depth.at -= 1;
    return found;
  };
  const stop = parsePassages(parser, text, language === 'bash' ? (root) => root.children : powershellStatements, (passage) => {
    const reading: Reading = {
      text: passage.text,
      firstLine: passage.firstLine + line - 1,
      problems,
      depth,
      steps: (nodes) => (language === 'bash' ? bashSteps(reading, nodes) : powershellSteps(reading, nodes)),
      readInner,
    };
    for (const step of reading.steps(passage.statements)) steps.push(step);
  });
  if (stop !== undefined) problems.push({ line: stop.line + line - 1, code: stop.code });
  return steps;
}

function powershellStatements(root: SyntaxNode): readonly SyntaxNode[] {
  return root.children.flatMap((child) => (child.type === 'statement_list' ? child.children : [child]));
}

/**
 * Line ends of Windows become plain ones. Other controls, and blanks behind a backslash, are letters to bash and blanks to the grammar, which would let
 * a comment begin where none does.
 */
function prepareBash(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replace(/[\v\f\r]/g, '_')
    .replace(/\\([\s\S])/g, (pair, next: string) => (next === ' ' || next === '\t' ? '__' : pair));
}
