import { describe, expect, it } from 'vitest';
import { findProviderSecrets } from '../../../shared/adapters/secretlint/find-provider-secrets.ts';
import { presetRules, providerRules, unusedRules } from '../../../shared/adapters/secretlint/provider-rules.ts';

const token = `ghp_${'a1B2'.repeat(9)}`;

describe("secretlint's rules", () => {
  it('are each used or left out on purpose, also those of a new version', () => {
    expect([...providerRules.map(({ id }) => id), ...unusedRules].toSorted()).toEqual([...presetRules.keys()].toSorted());
  });

  it.each(['secretlint-disable', 'secretlint-disable-next-line', '/* secretlint-disable @secretlint/secretlint-rule-github */'])(
    'are not silenced by "%s" in the text',
    async (comment) => {
      const text = `${comment}\n${token}`;
      expect(await findProviderSecrets([text])).toEqual(new Map([[text, [{ start: comment.length + 1, end: text.length }]]]));
    },
  );

  it('are told where each of several texts begins', async () => {
    const texts = [`one ${token}`, 'none', `another ${token} more`];
    expect(await findProviderSecrets(texts)).toEqual(
      new Map([
        [texts[0], [{ start: 4, end: 44 }]],
        [texts[2], [{ start: 8, end: 48 }]],
      ]),
    );
  });

  it('find no secret that begins in one text and ends in the next', async () => {
    expect(await findProviderSecrets([token.slice(0, 20), token.slice(20)])).toEqual(new Map());
  });

  it('do not look at a text with more beginnings of secrets than any honest one: it is hidden whole', async () => {
    const text = 'ghs_1_aaaaaaaa'.repeat(2_000);
    expect(await findProviderSecrets([text])).toEqual(new Map([[text, [{ start: 0, end: text.length }]]]));
  });
});
