import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFindingArguments } from '../../../infra/local/record-finding-arguments.ts';

const id = 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa';
const given = [id, '--found', 'noEffect', '--note', 'It is still there.'];

describe('the arguments of record-finding are refused', () => {
  it.each<[string, readonly string[], string]>([
    ['without an operation', given.slice(1), 'Name one operation'],
    ['with two', [...given, id], 'Name one operation'],
    ['with what is none', ['op_1', ...given.slice(1)], 'Name one operation'],
    ['without what was found', [id, '--note', 'x'], '--found must be one of effect, noEffect, partialEffect.'],
    ['with something else', [id, '--found', 'maybe', '--note', 'x'], '--found must be one of'],
    ['without a note', [id, '--found', 'effect'], '--note must say'],
    ['with an empty one', [id, '--found', 'effect', '--note', ' '], '--note must say'],
    ['with an unknown option', [...given, '--force'], '--force'],
  ])('%s', (_, args, problem) => {
    expect(readFindingArguments(args)).toEqual({ kind: 'wrong', problem: expect.stringContaining(problem) });
  });
});

describe('the arguments of record-finding', () => {
  it('are read', () => {
    expect(readFindingArguments([...given, '--as', 'approver-2', '--directory', 'elsewhere'])).toEqual({
      kind: 'finding',
      id,
      found: 'noEffect',
      note: 'It is still there.',
      as: 'approver-2',
      directory: resolve('elsewhere'),
    });
  });

  it('are those of the first approver where nobody is named', () => {
    expect(readFindingArguments(given)).toMatchObject({ as: 'approver-1' });
  });

  it('may ask for help', () => {
    expect(readFindingArguments(['--help'])).toEqual({ kind: 'help' });
  });
});
