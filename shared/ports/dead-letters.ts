/** A message that nobody could handle and that is about no operation we know: kept where people look, without its body. */
export type StrayMessage = {
  readonly queue: string;
  readonly messageId: string;
  readonly reason: string;
  readonly bodyDigest: string;
  readonly seenAt: string;
};

export type StrayMessages = { record(message: StrayMessage): Promise<void> };

/** What a message held: the bytes as they came, and what its sender said they are. */
export type MessageContent = { readonly body: Uint8Array; readonly contentType: string | undefined };

/** Keeps a message whole where a person can look at it and send it again. Resolves when it is durable. */
export type SetAside = { keep(message: StrayMessage, content: MessageContent): Promise<void> };

/** A dead letter whose body is no bytes: the functions host cannot hand it over, and would try for ever. */
export type UnreadableLetter = { readonly queue: string; readonly messageId: string; readonly reason: string };

/** Settles each unreadable letter once `record` has resolved for it; one whose recording fails stays. */
export type UnreadableLetters = { settleEach(record: (letter: UnreadableLetter) => Promise<void>): Promise<void> };

/** How many messages lie in the dead-letter queues, and set aside, up to `atMost` each. */
export type DeadLetterCounts = { count(atMost: number): Promise<Readonly<Record<string, number>>> };
