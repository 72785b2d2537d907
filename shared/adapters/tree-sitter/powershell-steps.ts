import type { Redirection, Step, Word } from '../../domain/risk/scripts/script-reader.ts';
import { argumentsOf, expressionWord, valueWord } from './powershell-words.ts';
import { lineOf, nested, type Reading, textOf } from './reading.ts';
import type { SyntaxNode } from './syntax-node.ts';

/** What the statements among these nodes do. */
export function powershellSteps(reading: Reading, nodes: readonly SyntaxNode[]): readonly Step[] {
  const steps: Step[] = [];
  for (const node of nodes) {
    if (node.children.length === 0) continue;
    for (const step of nested<readonly Step[]>(reading, node, [], () => statementOf(reading, node))) steps.push(step);
  }
  return steps;
}

function statementOf(reading: Reading, node: SyntaxNode): readonly Step[] {
  switch (node.type) {
    case 'pipeline_chain':
      return [chainOf(reading, node)];
    case 'assignment_expression':
      return assignmentOf(reading, node);
    case 'command':
      return [commandOf(reading, node)];
    case 'script_parameter':
      return parameterOf(reading, node);
    case 'foreach_statement':
      return [forEachOf(reading, node)];
    case 'function_statement':
      return [functionOf(reading, node)];
    case 'if_statement':
    case 'while_statement':
    case 'do_statement':
    case 'for_statement':
    case 'switch_statement':
    case 'try_statement':
    case 'trap_statement':
      return [
        { kind: 'block', line: lineOf(reading, node), steps: powershellSteps(reading, node.children), redirections: [], loop: undefined },
      ];
    default:
      return isValue(node) ? [expressionOf(reading, node, [])] : powershellSteps(reading, node.children);
  }
}

/** Nodes that stand for a value rather than for statements. */
function isValue(node: SyntaxNode): boolean {
  return /^(?:logical|bitwise|comparison|additive|multiplicative|format|range|array_literal|unary|cast|parenthesized|sub|array|script_block|invokation|invokation_foreach|hash_literal)(?:_argument)?_expression$|^(?:string_literal|integer_literal|real_literal|expandable_string_literal|expandable_here_string_literal|variable|member_access|element_access|expression_with_unary_operator)$/.test(
    node.type,
  );
}

function expressionOf(reading: Reading, node: SyntaxNode, redirections: readonly Redirection[]): Step {
  return { kind: 'expression', line: lineOf(reading, node), value: expressionWord(reading, node), redirections };
}

function chainOf(reading: Reading, node: SyntaxNode): Step {
  const stages: Step[] = [];
  for (const child of node.children) {
    if (!child.isNamed || child.type === 'comment') continue;
    if (child.type === 'redirections') {
      const last = stages.pop();
      if (last?.kind === 'expression') stages.push({ ...last, redirections: redirectionsOf(reading, child.children) });
      else if (last !== undefined) stages.push(last);
    } else if (child.type === 'command') stages.push(commandOf(reading, child));
    else stages.push(expressionOf(reading, child, []));
  }
  const [only] = stages;
  return stages.length === 1 && only !== undefined ? only : { kind: 'pipeline', line: lineOf(reading, node), stages };
}

function assignmentOf(reading: Reading, node: SyntaxNode): readonly Step[] {
  const [target, operator, ...value] = node.children;
  const given = value.find((child) => child.isNamed && child.type !== 'comment');
  if (target === undefined || given === undefined) return powershellSteps(reading, node.children);
  const line = lineOf(reading, node);
  const source = textOf(reading, target).trim();
  const word = valueWord(reading, given);
  const names = [...source.matchAll(/\$(?:\{([^}]+)\}|([\w:]+))/g)].map((match) => plainName(match[1] ?? match[2] ?? ''));
  const appends = operator !== undefined && textOf(reading, operator).trim() !== '=';
  const isPlain = /^(?:\[[^\]]*\]\s*)*\$(?:\{[^}]+\}|[\w:]+)$/.test(source);
  if (isPlain) return names.slice(-1).map((name) => ({ kind: 'assignment', line, name, appends, value: word }));
  const member = /[.:](\w+)$/.exec(source)?.[1];
  const set = member === undefined ? names : [`.${member.toLowerCase()}`];
  const read: Step = { kind: 'expression', line, value: expressionWord(reading, target), redirections: [] };
  const assigned = set.map((name): Step => ({ kind: 'assignment', line, name, appends: true, value: word }));
  return assigned.length > 0 ? [read, ...assigned] : [read, { kind: 'expression', line, value: word, redirections: [] }];
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/^(?:global|script|local|private|using|variable):/, '');
}

function commandOf(reading: Reading, node: SyntaxNode): Step {
  const words: Word[] = [];
  const redirections: Redirection[] = [];
  for (const child of node.children) {
    switch (child.type) {
      case 'command_invokation_operator':
      case 'comment':
        break;
      case 'command_name_expr':
        words.push(...child.children.map((name) => expressionWord(reading, name)));
        break;
      case 'foreach_command':
        words.push(...foreachWords(reading, child));
        break;
      case 'command_elements':
        addElements(reading, child, words, redirections);
        break;
      default:
        words.push(expressionWord(reading, child));
    }
  }
  return { kind: 'command', line: lineOf(reading, node), words, assignments: [], redirections };
}

function foreachWords(reading: Reading, node: SyntaxNode): readonly Word[] {
  return node.children
    .filter((child) => child.type !== 'command_argument_sep' && child.type !== 'comment')
    .map((child) =>
      child.isNamed
        ? expressionWord(reading, child)
        : {
            line: lineOf(reading, child),
            source: textOf(reading, child),
            parts: [{ kind: 'text', text: textOf(reading, child), quoting: 'bare' }],
          },
    );
}

function addElements(reading: Reading, node: SyntaxNode, words: Word[], redirections: Redirection[]): void {
  let isApart = true;
  for (const child of node.children) {
    if (child.type === 'command_argument_sep') {
      isApart = true;
      continue;
    }
    if (child.type === 'comment' || !child.isNamed) continue;
    if (child.type === 'redirection' || child.type === 'redirections') {
      redirections.push(...redirectionsOf(reading, child.type === 'redirections' ? child.children : [child]));
      continue;
    }
    if (child.type === 'argument_list' && withArguments(reading, child, words)) continue;
    const word = expressionWord(reading, child);
    const previous = isApart ? undefined : words.at(-1);
    if (previous === undefined) words.push(word);
    else words[words.length - 1] = { ...previous, source: `${previous.source}${word.source}`, parts: [...previous.parts, ...word.parts] };
    isApart = false;
  }
}

/** `iex (…).DownloadString(…)`: the grammar leaves the arguments apart from the member that is called. */
function withArguments(reading: Reading, list: SyntaxNode, words: Word[]): boolean {
  const last = words.at(-1);
  const called = last?.parts.at(-1);
  if (last === undefined || called?.kind !== 'member' || called.arguments !== undefined) return false;
  words[words.length - 1] = { ...last, parts: [...last.parts.slice(0, -1), { ...called, arguments: argumentsOf(reading, list) }] };
  return true;
}

function redirectionsOf(reading: Reading, nodes: readonly SyntaxNode[]): readonly Redirection[] {
  return nodes
    .filter((node) => node.type === 'redirection')
    .map((node) => {
      const operator = node.children.find((child) => /operator$/.test(child.type));
      const file = node.children.find((child) => child.type === 'redirected_file_name');
      const name = file?.children.find((child) => child.isNamed && child.type !== 'command_argument_sep');
      const line = lineOf(reading, node);
      return {
        line,
        operator: operator === undefined ? '>' : textOf(reading, operator).trim(),
        target: name === undefined ? { line, source: '', parts: [] } : expressionWord(reading, name),
      };
    });
}

function parameterOf(reading: Reading, node: SyntaxNode): readonly Step[] {
  const name = node.children.find((child) => child.type === 'variable');
  const preset = node.children.find((child) => child.type === 'script_parameter_default');
  const value = preset?.children.find((child) => child.isNamed);
  const checks = node.children.filter((child) => child.type.startsWith('attribute')).flatMap((child) => powershellSteps(reading, [child]));
  if (name === undefined || value === undefined) return checks;
  return [
    ...checks,
    {
      kind: 'assignment',
      line: lineOf(reading, node),
      name: plainName(
        textOf(reading, name)
          .trim()
          .replace(/^\$\{?|\}$/g, ''),
      ),
      appends: false,
      value: expressionWord(reading, value),
    },
  ];
}

function forEachOf(reading: Reading, node: SyntaxNode): Step {
  const name = node.children.find((child) => child.type === 'variable');
  const values = node.children.filter((child) => child.type === 'pipeline');
  const body = node.children.filter((child) => child.type === 'statement_block');
  return {
    kind: 'block',
    line: lineOf(reading, node),
    steps: powershellSteps(reading, body),
    redirections: [],
    loop: {
      name:
        name === undefined
          ? ''
          : plainName(
              textOf(reading, name)
                .trim()
                .replace(/^\$\{?|\}$/g, ''),
            ),
      values: values.map((value) => valueWord(reading, value)),
    },
  };
}

function functionOf(reading: Reading, node: SyntaxNode): Step {
  const name = node.children.find((child) => child.type === 'function_name');
  return {
    kind: 'function',
    line: lineOf(reading, node),
    name: name === undefined ? '' : textOf(reading, name).trim(),
    steps: powershellSteps(
      reading,
      node.children.filter((child) => child !== name),
    ),
  };
}
