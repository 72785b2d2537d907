import { describe, expect, it } from 'vitest';
import { kindOf, measureRules } from '../../../infra/measure/rule-measure.ts';
import { unreadScripts } from '../../support/unread-scripts.ts';

describe('what an action is by a table', () => {
  it.each([
    ['a sensitive output', 'Nova.Stars/constellations/open', ['door.pin'], 'revealing'],
    ['an echo of the resource, though sensitive', 'Nova.Stars/constellations/paint', ['properties.password'], 'other'],
    ['an echo of a list of resources, though sensitive', 'Nova.Stars/constellations/getAll', ['value[].properties.password'], 'reading'],
    ['a name that says so', 'Nova.Stars/constellations/listKeys', [], 'revealing'],
    ['a name that says so, of what holds it', 'Nova.Stars/constellations/accessKeys/list', [], 'revealing'],
    ['a secret that is taken in', 'Nova.Stars/constellations/setPassword', [], 'other'],
    ['a secret that is checked', 'Nova.Stars/constellations/validateSecret', [], 'other'],
    ['a check', 'Nova.Stars/constellations/checkOrbit', [], 'reading'],
    ['a list', 'Nova.Stars/constellations/listMoons', [], 'reading'],
    ['letters of SAS in another word', 'Nova.Stars/constellations/getPracticesAssessment', [], 'reading'],
    ['a keyspace, which is no key', 'Nova.Stars/constellations/listKeyspaces', [], 'reading'],
    ['a launch', 'Nova.Stars/constellations/launch', [], 'other'],
  ])('%s', (_, action, sensitiveOutputs, kind) => {
    expect(kindOf(action, sensitiveOutputs)).toBe(kind);
  });
});

it('counts what was found, what was missed, and reads that were judged too hard', () => {
  const table = {
    'Nova.Stars/constellations/listKeys': { sensitiveOutputs: [] },
    'Nova.Stars/constellations/getOrbit': { sensitiveOutputs: ['orbit.pin'] },
    'Nova.Stars/constellations/checkOrbit': { sensitiveOutputs: [] },
    'Nova.Stars/constellations/launch': { sensitiveOutputs: [] },
    'Nova.Stars/constellations/$batch': { sensitiveOutputs: [] },
  };
  expect(measureRules(table, unreadScripts)).toEqual({
    actions: 5,
    refused: ['Nova.Stars/constellations/$batch'],
    revealing: { all: 2, high: 1, named: 1, missed: ['Nova.Stars/constellations/getOrbit (low)'] },
    reading: { all: 1, low: 1, above: [] },
    levels: { low: 2, medium: 0, high: 2, critical: 0 },
  });
});
