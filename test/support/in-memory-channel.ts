import { type ApprovalChannel, type CardSubject, ChannelError } from '../../shared/ports/approval-channel.ts';

export type InMemoryChannel = ApprovalChannel & {
  /** Every card that was posted or updated, as it was shown. */
  readonly shown: readonly { readonly what: 'post' | 'update'; readonly group: string; readonly subject: CardSubject }[];
  /** What concerns this group fails with this code until it is told `undefined`. */
  fail(group: string, code: ChannelError['code'] | undefined): void;
};

/** A channel that writes `post <group>` and `update <group>` into the shared list of effects. */
export function makeInMemoryChannel(effects: string[] = []): InMemoryChannel {
  const shown: InMemoryChannel['shown'][number][] = [];
  const failing = new Map<string, ChannelError['code']>();
  const show = (what: 'post' | 'update', group: string, subject: CardSubject) => {
    const code = failing.get(group);
    if (code !== undefined) throw new ChannelError(code, `the conversation of ${group} is ${code}`);
    effects.push(`${what} ${group}`);
    shown.push({ what, group, subject });
  };
  return {
    shown,
    fail: (group, code) => {
      if (code === undefined) failing.delete(group);
      else failing.set(group, code);
    },
    post: async (subject, group) => {
      show('post', group.name, subject);
      const activityId = `activity-${shown.filter(({ what }) => what === 'post').length}`;
      return { channel: 'teams', group: group.name, conversationId: group.conversationId ?? '', activityId };
    },
    update: async (subject, card) => {
      show('update', card.group, subject);
    },
  };
}
