import { describe, expect, it } from 'vitest';
import { isExpression, parseExpression, unescaped } from '../../../../shared/domain/risk/template/parse-expression.ts';
import { EvaluationFault } from '../../../../shared/domain/risk/template/template-fault.ts';

describe('a text is an expression', () => {
  it.each([
    ["[concat('a')]", true],
    ['[]', true],
    ['[[concat()]', false],
    ['[concat()', false],
    [' [concat()]', false],
    ['concat()', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    expect(isExpression(text)).toBe(expected);
  });

  it('but for an escape, of which one bracket stays', () => {
    expect(unescaped('[[concat()]')).toBe('[concat()]');
  });
});

describe('what is no expression is refused', () => {
  it.each([
    '[]',
    '[concat(]',
    "[concat('a']",
    "[concat('a)]",
    "[concat('a',)]",
    '[concat]',
    '[concat()x]',
    '[concat().]',
    '[concat()[0]',
    '[-]',
    "['a' 'b']",
    `[${'concat('.repeat(200)}${')'.repeat(200)}]`,
    `['${'a'.repeat(25_000)}']`,
  ])('%.60j', (text) => {
    expect(() => parseExpression(text)).toThrow(EvaluationFault);
  });
});

describe('an expression', () => {
  it('is read whole: calls, names in any case, quotes, numbers, properties and indexes', () => {
    expect(parseExpression("[ Contoso.Name( 'it''s', -5 ).a ['b'] [0] ]")).toEqual({
      kind: 'access',
      of: {
        kind: 'call',
        name: 'contoso.name',
        arguments: [
          { kind: 'literal', value: "it's" },
          { kind: 'literal', value: -5 },
        ],
        source: "Contoso.Name( 'it''s', -5 )",
      },
      steps: [
        { kind: 'literal', value: 'a' },
        { kind: 'literal', value: 'b' },
        { kind: 'literal', value: 0 },
      ],
      source: "Contoso.Name( 'it''s', -5 ).a ['b'] [0] ",
    });
  });
});
