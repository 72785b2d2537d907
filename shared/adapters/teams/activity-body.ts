import { z } from 'zod';
import { type Digest, isDigest } from '../../domain/digest.ts';
import { isJsonObject, JsonError, type JsonObject, parseJson } from '../../domain/json.ts';
import { isOperationId, type OperationId } from '../../domain/operation.ts';
import { ActivityError } from './activity-error.ts';

/** What a press of a card's button asks for. The digest is the approval digest of the card that the person saw. */
export type CardAction =
  | { readonly verb: 'approve' | 'reject'; readonly operationId: OperationId; readonly approvalDigest: Digest; readonly reason: string }
  | { readonly verb: 'refresh'; readonly operationId: OperationId };

/** As many characters as a reason may have; the card's input says the same. */
export const maxReasonLength = 1000;

const maxBodyBytes = 256 * 1024;

/** The fields of an activity that we read; Teams sends many more. Hostile until the checks of verify-activity are through. */
const activityShape = z.looseObject({
  type: z.string().min(1).max(64),
  name: z.string().max(128).nullish(),
  channelId: z.string().max(64),
  serviceUrl: z.string().max(2048).nullish(),
  conversation: z.looseObject({ id: z.string().min(1).max(512), tenantId: z.string().max(64).nullish() }),
  from: z.looseObject({ aadObjectId: z.string().max(64).nullish(), name: z.string().max(256).nullish() }).nullish(),
  channelData: z.looseObject({ tenant: z.looseObject({ id: z.string().max(64).nullish() }).nullish() }).nullish(),
  value: z.unknown().optional(),
});

export type ActivityBody = z.infer<typeof activityShape>;

/** The body as it came, and what we read of it. Throws {@link ActivityError}. */
export function parseActivityBody(bytes: Uint8Array): { readonly raw: JsonObject; readonly activity: ActivityBody } {
  if (bytes.length > maxBodyBytes) throw new ActivityError('bodyTooLarge', 'The activity is too large.');
  const raw = parseObject(bytes);
  const parsed = activityShape.safeParse(raw);
  if (!parsed.success) throw new ActivityError('malformedActivity', 'The activity lacks a field or has one of a wrong type.');
  return { raw, activity: parsed.data };
}

function parseObject(bytes: Uint8Array): JsonObject {
  try {
    const value = parseJson(bytes);
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new ActivityError('malformedActivity', 'The activity is not a JSON object.');
}

const operationId = z.string().refine(isOperationId);
const voteData = z.strictObject({
  operationId,
  digest: z.string().refine(isDigest),
  reason: z.string().max(maxReasonLength).optional(),
});
const refreshData = z.strictObject({ operationId });

const actionValue = z.looseObject({
  action: z.discriminatedUnion('verb', [
    z.looseObject({ type: z.literal('Action.Execute'), verb: z.enum(['approve', 'reject']), data: voteData }),
    z.looseObject({ type: z.literal('Action.Execute'), verb: z.literal('refresh'), data: refreshData }),
  ]),
  trigger: z.string().nullish(),
});

/** The value of an `adaptiveCard/action` invoke. Throws {@link ActivityError} for anything but the buttons of our own cards, pressed by hand. */
export function parseCardAction(value: unknown): CardAction {
  const parsed = actionValue.safeParse(value);
  if (!parsed.success) throw new ActivityError('malformedAction', 'The action is none of our cards.');
  const { action, trigger } = parsed.data;
  if (action.verb === 'refresh') return { verb: 'refresh', operationId: action.data.operationId };
  // A card may be refreshed by Teams itself; a vote is always a person's own press.
  if (trigger === 'automatic') throw new ActivityError('malformedAction', 'A vote cannot be cast by an automatic refresh.');
  const { operationId: id, digest, reason } = action.data;
  return { verb: action.verb, operationId: id, approvalDigest: digest, reason: reason ?? '' };
}
