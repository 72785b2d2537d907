import type { CardReference } from '../domain/event.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import type { ApproverGroup } from './agent-registry.ts';

/** What a card shows: the operation, the masked body, and the target's masked current state. */
export type CardSubject = {
  readonly operation: Operation;
  /** Masked request body; undefined where the request has none. */
  readonly requestBody: JsonValue | undefined;
  /** Masked current state of the target; undefined where there is none or it could not be read. */
  readonly targetState: JsonValue | undefined;
};

/** Where approvers are asked. Throws {@link ChannelError}. */
export type ApprovalChannel = {
  post(subject: CardSubject, group: ApproverGroup): Promise<CardReference>;
  /** Replaces the posted card by what the operation is now. */
  update(subject: CardSubject, card: CardReference): Promise<void>;
};

export class ChannelError extends Error {
  readonly code: 'unreachable' | 'refused';
  constructor(code: ChannelError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChannelError';
    this.code = code;
  }
}
