/** What a check says of one thing. `unknown`: it could not be looked at, which is no comfort. */
export type Finding = {
  /** What was looked at: `queues`, `rights`, … */
  readonly check: CheckName;
  /** Which of them: a queue, an identity, an app. */
  readonly subject: string;
  readonly state: 'good' | 'wrong' | 'unknown';
  readonly detail: string;
  /** What to do; nothing where it is good. */
  readonly remedy?: string;
};

export const checkNames = [
  'reach',
  'clock',
  'tokens',
  'dependencies',
  'versions',
  'keys',
  'bot',
  'queues',
  'tables',
  'containers',
  'access',
  'rights',
  'permissions',
] as const;
export type CheckName = (typeof checkNames)[number];

export type Say = {
  readonly good: (subject: string, detail: string) => Finding;
  readonly wrong: (subject: string, detail: string, remedy: string) => Finding;
  readonly unknown: (subject: string, detail: string, remedy: string) => Finding;
};

/** Makes the findings of one check. */
export function saying(check: CheckName): Say {
  return {
    good: (subject, detail) => ({ check, subject, state: 'good', detail }),
    wrong: (subject, detail, remedy) => ({ check, subject, state: 'wrong', detail, remedy }),
    unknown: (subject, detail, remedy) => ({ check, subject, state: 'unknown', detail, remedy }),
  };
}
