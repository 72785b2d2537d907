import type { Notice } from '../../shared/domain/notice.ts';
import { NoticeError, type NoticeProgress, type NoticeReceiver } from '../../shared/ports/notices.ts';

export type InMemoryReceiver = NoticeReceiver & {
  /** What was taken, oldest first, repetitions too. */
  readonly taken: readonly Notice[];
  /** While it is away it takes nothing, and asks for so long where it is told to. */
  setAway(away: boolean, retryAfterMs?: number): void;
};

export function makeInMemoryReceiver(): InMemoryReceiver {
  const taken: Notice[] = [];
  let away: { readonly retryAfterMs: number | undefined } | undefined;
  return {
    taken,
    setAway: (isAway, retryAfterMs) => {
      away = isAway ? { retryAfterMs } : undefined;
    },
    deliver: async (notice) => {
      if (away !== undefined) throw new NoticeError('refused', 'the receiver answered 503', away.retryAfterMs);
      taken.push(notice);
    },
  };
}

export function makeInMemoryNoticeProgress(): NoticeProgress {
  const told = new Map<string, number>();
  return {
    toldUpTo: async (id) => told.get(id) ?? 0,
    markTold: async (id, sequence) => {
      told.set(id, sequence);
    },
  };
}
