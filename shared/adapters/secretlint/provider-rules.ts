import { rules } from '@secretlint/secretlint-rule-preset-recommend';

/** One rule of secretlint, with what every text that it finds something in has: most texts have none of it and are not offered. */
export type ProviderRule = { readonly id: string; readonly hint: RegExp };

/**
 * Which of the preset's rules look at texts, and where. Hints are linear, and close enough to the secret that a document rarely holds one by chance.
 * A rule that a new version of the preset brings has no row here, which a test notices.
 */
export const providerRules: readonly ProviderRule[] = [
  { id: 'privatekey', hint: /PRIVATE KEY/ },
  { id: 'npm', hint: /npm_[A-Za-z0-9]{36}/ },
  { id: 'slack', hint: /(?i:xox[a-z]-|xapp-|hooks\.slack\.com)/ },
  { id: 'shopify', hint: /shp(?:pa|ca|at|ss)_/ },
  { id: 'stripe', hint: /[sr]k_(?:live|test)_/ },
  { id: 'github', hint: /gh[pousr]_[A-Za-z0-9_]{8}|github_pat_/ },
  { id: 'gitlab', hint: /glpat-/ },
  { id: 'grafana', hint: /gl(?:c|sa)_[A-Za-z0-9+/]{32}/ },
  { id: 'openai', hint: /T3BlbkFJ/ },
  { id: 'anthropic', hint: /sk-ant-api/ },
  { id: 'groq', hint: /gsk_[A-Za-z0-9]{52}/ },
  { id: 'huggingface', hint: /hf_[A-Za-z]{34}/ },
  { id: 'linear', hint: /lin_api_/ },
  { id: 'notion', hint: /ntn_\d{11}/ },
  { id: '1password', hint: /ops_ey/ },
  { id: 'hashicorp-vault', hint: /hv[sbr]\.[A-Za-z0-9_-]{24}/ },
  { id: 'vercel', hint: /vc[piark]_[A-Za-z0-9]{20}/ },
  { id: 'databricks', hint: /dapi[A-Fa-f0-9]{32}/ },
  { id: 'docker', hint: /dckr_pat_/ },
  { id: 'figma', hint: /figd_/ },
  { id: 'cloudflare', hint: /cf(?:k|ut|at)_[A-Za-z0-9]{40}/ },
  { id: 'tailscale', hint: /tskey-/ },
];

/**
 * Rules that are not used. `filter-comments` silences all others where a text says "secretlint-disable", which whoever writes the text can say.
 * `aws` reports a place beside the secret that it found, and `gcp` looks at files only; what both look for is found by name and by shape.
 * `basicauth` and `database-connection-string` take the whole address, and spare passwords that look like examples; ours hides every password and nothing else.
 * `sendgrid` tries every split of a long word: the same shape is among ours in linear time.
 */
export const unusedRules: readonly string[] = ['filter-comments', 'aws', 'gcp', 'basicauth', 'database-connection-string', 'sendgrid'];

const prefix = '@secretlint/secretlint-rule-';

/** The preset's rules by their short id. */
export const presetRules: ReadonlyMap<string, (typeof rules)[number]> = new Map(
  rules.map((rule) => [rule.meta.id.replace(prefix, ''), rule]),
);

/** Whether any rule may find something in a text. */
export function mayHoldProviderSecret(text: string): boolean {
  return anyHint.test(text);
}

const anyHint = new RegExp(providerRules.map(({ hint }) => hint.source).join('|'));
