import { prepareMasking } from '../../domain/masking/mask.ts';
import type { PersonalDataKind } from '../../domain/masking/personal-data.ts';
import type { Range } from '../../domain/masking/ranges.ts';
import type { Masker } from '../../ports/masker.ts';
import { findProviderSecrets } from './find-provider-secrets.ts';

/** A secret may be told only once another beside it is gone; no honest value needs a third look. */
const maxLooks = 4;

/** Our own rules by name and shape, and secretlint's for the secrets of everybody else (GitHub, npm, Slack, Stripe, OpenAI, …). */
export function makeSecretlintMasker(settings: { readonly personalData: readonly PersonalDataKind[] }): Masker {
  return {
    mask: async (value, call) => {
      const step = prepareMasking(value, { personalData: settings.personalData, ...(call === undefined ? {} : { call }) });
      const found = new Map<string, readonly Range[]>();
      for (let look = 1; ; look += 1) {
        const { masked, texts } = step(found);
        const more = await findProviderSecrets(texts);
        if (more.size === 0) return masked;
        for (const [text, ranges] of more) found.set(text, look < maxLooks ? ranges : [{ start: 0, end: text.length }]);
        if (look > maxLooks) return step(found).masked;
      }
    },
  };
}
