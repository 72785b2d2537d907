import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToFit, jsonLines, plainLines, plainRuns, spaced, visible } from '../../../shared/adapters/teams/card-text.ts';
import { readCard } from './card-reading.ts';

function written(text: string): string {
  return readCard({ type: 'AdaptiveCard', body: plainLines(text), actions: [] }).text;
}

describe('what cannot be seen is made visible', () => {
  it.each([
    ['right-to-left override', 'invoice\u202Etxt.exe', 'invoice⟨U+202E⟩txt.exe'],
    ['isolate', 'a\u2066b\u2069', 'a⟨U+2066⟩b⟨U+2069⟩'],
    ['zero-width space', 'rm\u200B-rf', 'rm⟨U+200B⟩-rf'],
    ['byte order mark', '\uFEFFx', '⟨U+FEFF⟩x'],
    ['soft hyphen', 'a\u00ADb', 'a⟨U+00AD⟩b'],
    ['tag characters', 'a\u{E0041}b', 'a⟨U+E0041⟩b'],
    ['escape', 'a\u001B[2Jb', 'a⟨U+001B⟩[2Jb'],
    ['carriage return alone', 'kept\rhidden', 'kept⟨U+000D⟩hidden'],
    ['line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
    ['Hangul filler', 'a\u3164b', 'a⟨U+3164⟩b'],
    ['blank Braille', 'a\u2800b', 'a⟨U+2800⟩b'],
    ['half of a pair', 'a\uD800b', 'a⟨U+D800⟩b'],
    ['third mark on one letter', 'a\u0301\u0301\u0301', 'a\u0301\u0301⟨U+0301⟩'],
  ])('%s', (_what, hostile, shown) => {
    expect(visible(hostile)).toBe(shown);
  });

  it('leaves what people write as it is', () => {
    expect(visible('Grüße, 数据, Déjà vu\nnext line 🔥')).toBe('Grüße, 数据, Déjà vu\nnext line 🔥');
  });
});

describe('text of others stays text', () => {
  it('never stands in an element that reads markdown', () => {
    const card = readCard({
      type: 'AdaptiveCard',
      body: plainLines('# title\n[link](https://evil.example) **bold** <at>Ada</at>'),
      actions: [],
    });
    expect(card.marked).toEqual([]);
    expect(card.text).toBe('# title\n[link](https://evil.example) **bold** <at>Ada</at>');
  });

  it('has no two braces in one run, so that no time is computed in it', () => {
    const runs = plainRuns('{{{DATE(2026-01-01T00:00:00Z, SHORT)}}}').map((run) => run.text);
    expect(runs.every((run) => !run.includes('{{'))).toBe(true);
    expect(runs.join('').replaceAll('\u200b', '')).toBe('{{{DATE(2026-01-01T00:00:00Z, SHORT)}}}');
  });

  it('keeps its spaces and its empty lines', () => {
    expect(written('a   b\n\n  c')).toBe('a   b\n \n  c');
    expect(plainRuns('a   b')[0]?.text).toBe('a\u00a0\u00a0\u00a0b');
  });

  it('can be broken wherever a card may end', () => {
    const [run] = plainRuns('x'.repeat(100));
    expect(run?.text.split('\u200b').map((part) => part.length)).toEqual([20, 20, 20, 20, 20, 0]);
  });

  it('is written whole, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const shown = visible(text).replace(/^$/gm, ' ').replaceAll('\u00a0', ' ');
        expect(written(text)).toBe(shown);
      }),
    );
  });
});

describe('a cut', () => {
  it('counts what it hides', () => {
    expect(cutToFit('abcdef', 8)).toEqual({ kept: 'abcd', hidden: 2 });
  });

  it('never divides a character', () => {
    expect(cutToFit('🔥🔥🔥', 12)).toEqual({ kept: '🔥🔥', hidden: 1 });
  });

  it('hides nothing of what fits', () => {
    expect(cutToFit('abc', Number.POSITIVE_INFINITY)).toEqual({ kept: 'abc', hidden: 0 });
  });

  it('never hides a character without counting it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(200), (text, bytes) => {
        const { kept, hidden } = cutToFit(text, bytes);
        expect(text.startsWith(kept)).toBe(true);
        expect([...text.slice(kept.length)].length).toBe(hidden);
      }),
    );
  });
});

describe('JSON', () => {
  const value = {
    location: 'westeurope',
    sku: { name: 'Standard_LRS' },
    properties: { allowBlobPublicAccess: true, rules: ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12'] },
  };

  it('keeps what is short on one line', () => {
    expect(jsonLines(value).split('\n')).toEqual([
      '{',
      '  "location": "westeurope",',
      '  "sku": {"name": "Standard_LRS"},',
      '  "properties": {',
      '    "allowBlobPublicAccess": true,',
      '    "rules": [',
      '      "10.0.0.0/8",',
      '      "192.168.0.0/16",',
      '      "172.16.0.0/12"',
      '    ]',
      '  }',
      '}',
    ]);
  });

  it('says the same on several lines as on one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        const json = JSON.parse(JSON.stringify(any));
        expect(JSON.parse(jsonLines(json))).toEqual(json);
        expect(JSON.parse(spaced(json))).toEqual(json);
      }),
    );
  });
});
