import { prepareMasking } from '../../domain/masking/mask.ts';
import type { PersonalDataKind } from '../../domain/masking/personal-data.ts';
import { everything, type Range } from '../../domain/masking/ranges.ts';
import type { Masker } from '../../ports/masker.ts';
import { findProviderSecrets } from './find-provider-secrets.ts';
import { mayHoldProviderSecret } from './provider-rules.ts';

/** Our own rules by name and shape, and secretlint's for the secrets of everybody else (GitHub, npm, Slack, Stripe, OpenAI, …). */
export function makeSecretlintMasker({ personalData }: { readonly personalData: readonly PersonalDataKind[] }): Masker {
  return {
    mask: async (value, call) => {
      const step = prepareMasking(value, { personalData, isCandidate: mayHoldProviderSecret, ...(call === undefined ? {} : { call }) });
      const first = step(new Map());
      const found = await findProviderSecrets(first.texts);
      if (found.size === 0 && first.isSettled) return first.masked;
      // A secret may be told only once another beside it is gone; no honest value needs a third look, so that what the second finds is hidden whole.
      const second = step(found);
      const more = await findProviderSecrets(second.texts);
      if (more.size === 0 && second.isSettled) return second.masked;
      return step(new Map([...found, ...wholly(more.keys())]), true).masked;
    },
  };
}

function wholly(texts: Iterable<string>): readonly (readonly [string, readonly Range[]])[] {
  return [...texts].map((text) => [text, everything(text)]);
}
