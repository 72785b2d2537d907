/** One safety taken away: texts of the product that are replaced by others. */
export type Mutant = {
  readonly name: string;
  readonly removes: string;
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
};

const exchange = 'shared/adapters/resource-manager/arm-exchange.ts';
const store = 'shared/adapters/table-storage/operation-store.ts';

const withoutEtag = {
  file: store,
  find: "['update', { ...state }, 'Replace', { etag: previous.version }],",
  replace: "['upsert', { ...state }, 'Replace'],",
};

/** The safeties that a call is made at most once by. Each must be missed by the crash matrix or by chaos when it is gone. */
export const mutants: readonly Mutant[] = [
  { name: 'etag', removes: 'the ETag of the state, while an event row still cannot be written twice', edits: [withoutEtag] },
  {
    name: 'etag-and-rows',
    removes: 'the ETag of the state, and that an event row cannot be written twice',
    edits: [
      withoutEtag,
      {
        file: store,
        find: "...events.map((row): TransactionAction => ['create', { ...row }]),\n        ...sealed.map((row): TransactionAction => ['upsert'",
        replace:
          "...events.map((row): TransactionAction => ['upsert', { ...row }, 'Replace']),\n        ...sealed.map((row): TransactionAction => ['upsert'",
      },
    ],
  },
  {
    name: 'max-retries',
    removes: '`maxRetries: 0`, and the removal of the policy that repeats',
    edits: [
      { file: exchange, find: 'retryOptions: { maxRetries: 0 }', replace: 'retryOptions: { maxRetries: 3, retryDelayInMs: 50 }' },
      { file: exchange, find: "  'defaultRetryPolicy',\n", replace: '' },
    ],
  },
  {
    name: 'read-back',
    removes: 'the reading back: what is in doubt is tried again at once',
    edits: [
      {
        file: 'shared/use-cases/make-call.ts',
        find: 'if (mayBeRepeated(request)) return await giveBack',
        replace: 'if (mayBeRepeated(request) || true) return await giveBack',
      },
      {
        file: 'shared/use-cases/check-lease.ts',
        find: "const harmless = operation.phase === 'claimed' ||",
        replace: "const harmless = operation.phase === 'claimed' || operation.phase === 'calling' ||",
      },
    ],
  },
  {
    name: 'intent',
    removes: 'the intent before the call: it is written after it',
    edits: [
      {
        file: 'shared/use-cases/prepare-call.ts',
        find: "  const stored = await writeClaimedAndRead(deps, claimed, [\n    { kind: 'credentialIssued'",
        replace:
          "  const outcome = await deps.caller.callOnce(request, credential, claimed.operation.id);\n  const stored = await writeClaimedAndRead(deps, claimed, [\n    { kind: 'credentialIssued'",
      },
      {
        file: 'shared/use-cases/prepare-call.ts',
        find: 'return stored === undefined ? undefined : { stored, credential };',
        replace: 'return stored === undefined ? undefined : { stored, credential, outcome };',
      },
      {
        file: 'shared/use-cases/make-call.ts',
        find: 'const outcome = await deps.caller.callOnce(request, credential, operation.id);',
        replace: 'const outcome = outcomeBefore;',
      },
      {
        file: 'shared/use-cases/make-call.ts',
        find: '{ stored, credential }: PreparedCall,',
        replace: '{ stored, credential, outcome: outcomeBefore }: PreparedCall,',
      },
    ],
  },
];
