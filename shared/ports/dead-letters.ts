/** A message that nobody could handle and that is about no operation we know: kept where people look, without its body. */
export type StrayMessage = {
  readonly queue: string;
  readonly messageId: string;
  readonly reason: string;
  readonly bodyDigest: string;
  readonly seenAt: string;
};

export type StrayMessages = { record(message: StrayMessage): Promise<void> };

/** How many messages lie in the dead-letter queues, up to `atMost` each. */
export type DeadLetterCounts = { count(atMost: number): Promise<Readonly<Record<string, number>>> };
