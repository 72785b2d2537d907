import type { Assignment, Block, Command, Redirection, Step, Word } from '../../domain/risk/scripts/script-reader.ts';
import { hereDocumentOf } from './bash-here-documents.ts';
import { wordOf, wordsOf } from './bash-words.ts';
import { lineOf, nested, type Reading, textOf } from './reading.ts';
import type { SyntaxNode } from './syntax-node.ts';

const redirects: ReadonlySet<string> = new Set(['file_redirect', 'heredoc_redirect', 'herestring_redirect']);

/** What the statements among these nodes do; commands inside words of conditions and arithmetic count as statements. */
export function bashSteps(reading: Reading, nodes: readonly SyntaxNode[]): readonly Step[] {
  const steps: Step[] = [];
  for (const node of nodes) {
    if (node.children.length === 0 && node.type !== 'comment') continue;
    for (const step of nested<readonly Step[]>(reading, node, [], () => statementOf(reading, node))) steps.push(step);
  }
  return steps;
}

function statementOf(reading: Reading, node: SyntaxNode): readonly Step[] {
  switch (node.type) {
    case 'comment':
      checkComment(reading, node);
      return [];
    case 'command':
      return commandsOf(reading, node);
    case 'declaration_command':
    case 'unset_command':
      return declarationOf(reading, node);
    case 'redirected_statement':
      return redirectedOf(reading, node);
    case 'file_redirect':
      return [printedFile(reading, node)];
    case 'pipeline':
      return [pipelineOf(reading, node)];
    case 'if_statement':
    case 'while_statement':
    case 'case_statement':
    case 'compound_statement':
    case 'subshell':
    case 'c_style_for_statement':
      return [blockOf(reading, node, bashSteps(reading, node.children))];
    case 'for_statement':
      return [forOf(reading, node)];
    case 'function_definition':
      return [functionOf(reading, node)];
    case 'variable_assignment':
      return [assignmentOf(reading, node)];
    case 'expansion':
    case 'string':
    case 'concatenation':
    case 'array':
      return [{ kind: 'expression', line: lineOf(reading, node), value: wordOf(reading, [node]), redirections: [] }];
    default:
      return bashSteps(reading, node.children);
  }
}

/** A `#` begins a comment only after a blank or an operator; where the grammar sees one elsewhere, it may hide a command. */
function checkComment(reading: Reading, node: SyntaxNode): void {
  const before = reading.text[node.startIndex - 1];
  const text = textOf(reading, node);
  if (before !== undefined && !/[\s;&|()`]/.test(before) && !/^\s/.test(text)) {
    reading.problems.push({ line: lineOf(reading, node), code: 'syntax' });
  }
}

/** A command; and where the grammar has run on into a line that begins with a backslash, what stands there as a command of its own. */
function commandsOf(reading: Reading, node: SyntaxNode): readonly Step[] {
  return lineGroups(reading, node.children).map((children) => commandOf(reading, children));
}

function lineGroups(reading: Reading, nodes: readonly SyntaxNode[]): readonly (readonly SyntaxNode[])[] {
  const groups: SyntaxNode[][] = [[]];
  for (const node of nodes) {
    if (node.type === 'word' && /^[ \t]*\n/.test(textOf(reading, node))) groups.push([]);
    groups.at(-1)?.push(node);
  }
  return groups.filter((group) => group.length > 0);
}

function commandOf(reading: Reading, children: readonly SyntaxNode[]): Command {
  const own: SyntaxNode[] = [];
  const assignments: Assignment[] = [];
  const redirections: Redirection[] = [];
  for (const child of children) {
    if (child.type === 'variable_assignment') assignments.push(assignmentOf(reading, child));
    else if (child.type === 'command_name') own.push(...(child.children.length > 0 ? child.children : [child]));
    else if (redirects.has(child.type)) {
      const { redirection, further } = redirectionOf(reading, child);
      redirections.push(...redirection);
      own.push(...further);
    } else if (child.type !== 'comment') own.push(child);
  }
  const words = wordsOf(reading, own);
  checkReserved(reading, words);
  const [first] = children;
  return {
    kind: 'command',
    line: words[0]?.line ?? (first === undefined ? reading.firstLine : lineOf(reading, first)),
    words,
    assignments,
    redirections,
  };
}

/** Words that begin or continue a statement and never are commands, but where the grammar has lost its way: after `!` and `time`. */
const reserved: ReadonlySet<string> = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'select',
  'function',
  '{',
  '}',
  '[[',
  ']]',
  '!',
  'in',
]);

function checkReserved(reading: Reading, words: readonly Word[]): void {
  const command = words.find((word) => !/^(?:time|coproc|-p|--)$/.test(word.source));
  if (command !== undefined && reserved.has(command.source)) reading.problems.push({ line: command.line, code: 'syntax' });
}

/** `export`, `declare`, `local`, `readonly`, `unset`: assignments that also are a command. */
function declarationOf(reading: Reading, node: SyntaxNode): readonly Step[] {
  const assigned = node.children.filter((child) => child.type === 'variable_assignment').map((child) => assignmentOf(reading, child));
  const own = node.children.filter((child) => child.type !== 'comment');
  const command: Command = {
    kind: 'command',
    line: lineOf(reading, node),
    words: wordsOf(reading, own),
    assignments: [],
    redirections: [],
  };
  return [...assigned, command];
}

function assignmentOf(reading: Reading, node: SyntaxNode): Assignment {
  const [target, operator, ...value] = node.children;
  const subscript = target?.type === 'subscript' ? bashSteps(reading, target.children) : [];
  const word = wordOf(reading, value);
  return {
    kind: 'assignment',
    line: lineOf(reading, node),
    name:
      target === undefined
        ? ''
        : textOf(reading, target)
            .replace(/\[[\s\S]*$/, '')
            .trim(),
    appends: operator !== undefined && textOf(reading, operator).includes('+'),
    value: subscript.length === 0 ? word : { ...word, parts: [...word.parts, { kind: 'unknown', steps: subscript }] },
  };
}

function pipelineOf(reading: Reading, node: SyntaxNode): Step {
  const stages = node.children.filter((child) => child.isNamed && child.type !== 'comment').map((child) => asOne(reading, child));
  return { kind: 'pipeline', line: lineOf(reading, node), stages };
}

function asOne(reading: Reading, node: SyntaxNode): Step {
  const steps = bashSteps(reading, [node]);
  const [only] = steps;
  return steps.length === 1 && only !== undefined ? only : blockOf(reading, node, steps);
}

function blockOf(reading: Reading, node: SyntaxNode, steps: readonly Step[]): Block {
  return { kind: 'block', line: lineOf(reading, node), steps, redirections: [], loop: undefined };
}

function forOf(reading: Reading, node: SyntaxNode): Step {
  const name = node.children.find((child) => child.type === 'variable_name');
  const body = node.children.filter((child) => child.type === 'do_group' || child.type === 'compound_statement');
  const values = node.children.filter((child) => child.isNamed && child !== name && !body.includes(child) && child.type !== 'comment');
  return {
    ...blockOf(reading, node, bashSteps(reading, body)),
    loop: { name: name === undefined ? '' : textOf(reading, name).trim(), values: wordsOf(reading, values) },
  };
}

function functionOf(reading: Reading, node: SyntaxNode): Step {
  const name = node.children.find((child) => child.type === 'word');
  const body = node.children.filter((child) => child !== name);
  return {
    kind: 'function',
    line: lineOf(reading, node),
    name: name === undefined ? '' : textOf(reading, name),
    steps: bashSteps(reading, body),
  };
}

/** Redirections after a statement belong to its last part; what follows a here-document on its line follows the statement. */
function redirectedOf(reading: Reading, node: SyntaxNode): readonly Step[] {
  const body = node.children.filter((child) => !redirects.has(child.type));
  const steps = [...bashSteps(reading, body)];
  const redirections: Redirection[] = [];
  const further: SyntaxNode[] = [];
  const after: Step[] = [];
  let pipedInto: Step[] = [];
  for (const child of node.children) {
    if (!redirects.has(child.type)) continue;
    const read = redirectionOf(reading, child);
    redirections.push(...read.redirection);
    further.push(...read.further);
    pipedInto = [...pipedInto, ...read.pipedInto];
    after.push(...read.after);
  }
  const last = steps.pop();
  const isOwn = further[0] === undefined || !/^[ \t]*\n/.test(textOf(reading, further[0]));
  const [own = [], ...below] = isOwn ? lineGroups(reading, further) : [[], ...lineGroups(reading, further)];
  for (const children of below) after.push(commandOf(reading, children));
  const redirected = withRedirections(last, lineOf(reading, node), redirections, wordsOf(reading, own));
  const first: Step =
    pipedInto.length === 0 ? redirected : { kind: 'pipeline', line: redirected.line, stages: [...stagesOf(redirected), ...pipedInto] };
  return [...steps, first, ...after];
}

/** `$(<file)` is `$(cat <file)`. */
function printedFile(reading: Reading, node: SyntaxNode): Step {
  const line = lineOf(reading, node);
  const cat: Word = { line, source: 'cat', parts: [{ kind: 'text', text: 'cat', quoting: 'bare' }] };
  return { kind: 'command', line, words: [cat], assignments: [], redirections: redirectionOf(reading, node).redirection };
}

function stagesOf(step: Step): readonly Step[] {
  return step.kind === 'pipeline' ? step.stages : [step];
}

function withRedirections(step: Step | undefined, line: number, redirections: readonly Redirection[], further: readonly Word[]): Step {
  switch (step?.kind) {
    case 'command':
      return { ...step, words: [...step.words, ...further], redirections: [...step.redirections, ...redirections] };
    case 'block':
    case 'expression':
      return { ...step, redirections: [...step.redirections, ...redirections] };
    case 'pipeline': {
      const last = withRedirections(step.stages.at(-1), line, redirections, further);
      return { ...step, stages: [...step.stages.slice(0, -1), last] };
    }
    case 'assignment':
      return { kind: 'command', line, words: further, assignments: [step], redirections };
    case 'function':
      return { kind: 'block', line, steps: [step], redirections, loop: undefined };
    case undefined:
      return { kind: 'command', line, words: further, assignments: [], redirections };
  }
}

type RedirectionReading = {
  readonly redirection: readonly Redirection[];
  /** Words after the file, which are the command's. */
  readonly further: readonly SyntaxNode[];
  /** `<<EOF | …` */
  readonly pipedInto: readonly Step[];
  /** `<<EOF && …` */
  readonly after: readonly Step[];
};

function redirectionOf(reading: Reading, node: SyntaxNode): RedirectionReading {
  if (node.type === 'heredoc_redirect') return hereRedirectionOf(reading, node);
  const operator = node.children.find((child) => !child.isNamed);
  const rest = node.children.filter((child) => child !== operator && child.type !== 'file_descriptor');
  const words = wordGroups(reading, rest);
  const sign = operator === undefined ? '<' : textOf(reading, operator).trim();
  const [target, ...further] = sign.endsWith('-') ? [[], ...words] : words;
  const redirection: Redirection = {
    line: lineOf(reading, node),
    operator: sign,
    target: wordOf(reading, target ?? []),
  };
  return { redirection: [redirection], further: further.flat(), pipedInto: [], after: [] };
}

function wordGroups(reading: Reading, nodes: readonly SyntaxNode[]): readonly (readonly SyntaxNode[])[] {
  const groups: SyntaxNode[][] = [];
  for (const node of nodes) {
    const previous = groups.at(-1)?.at(-1);
    if (previous !== undefined && reading.text.slice(previous.endIndex, node.startIndex) === '' && !/^\s/.test(textOf(reading, node))) {
      groups.at(-1)?.push(node);
    } else groups.push([node]);
  }
  return groups;
}

function hereRedirectionOf(reading: Reading, node: SyntaxNode): RedirectionReading {
  const start = node.children.find((child) => child.type === 'heredoc_start');
  const body = node.children.find((child) => child.type === 'heredoc_body');
  const operator = node.children.find((child) => !child.isNamed);
  const delimiter = start === undefined ? '' : textOf(reading, start);
  const dropsTabs = operator !== undefined && textOf(reading, operator).includes('-');
  const redirection: Redirection[] = [];
  const further: SyntaxNode[] = [];
  const pipedInto: Step[] = [];
  const after: Step[] = [];
  if (body !== undefined) {
    const target = hereDocumentOf(reading, body, delimiter, dropsTabs);
    redirection.push({ line: lineOf(reading, node), operator: '<<', target });
  }
  for (const child of node.children) {
    if (child === start || child === body || child.type === 'heredoc_end' || !child.isNamed || child.type === 'file_descriptor') continue;
    if (redirects.has(child.type)) {
      const read = redirectionOf(reading, child);
      redirection.push(...read.redirection);
      further.push(...read.further);
      pipedInto.push(...read.pipedInto);
      after.push(...read.after);
    } else if (child.type === 'pipeline')
      pipedInto.push(
        ...bashSteps(
          reading,
          child.children.filter((stage) => stage.isNamed),
        ),
      );
    else if (isStatement(child)) after.push(...bashSteps(reading, [child]));
    else further.push(child);
  }
  return { redirection, further, pipedInto, after };
}

/** What may follow `<<EOF` on its line: further words of the command, or after `&&` and `||` another statement. */
function isStatement(node: SyntaxNode): boolean {
  return /statement|command|list|subshell|pipeline|definition|assignment/.test(node.type) && node.type !== 'command_substitution';
}
