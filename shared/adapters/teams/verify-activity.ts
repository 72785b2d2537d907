import type { JsonObject } from '../../domain/json.ts';
import { type ActivityBody, type CardAction, parseActivityBody, parseCardAction } from './activity-body.ts';
import { ActivityError } from './activity-error.ts';
import { type ActivityTokenTrust, verifyActivityToken } from './activity-token.ts';

/** Who pressed or wrote: the directory's object id, lower case, and the name that Teams shows. */
export type TeamsPerson = { readonly id: string; readonly name: string };

/** An activity whose every check passed; only {@link makeActivityVerifier} makes one. `body` is the activity as it came. */
export type VerifiedActivity =
  | { readonly kind: 'action'; readonly person: TeamsPerson; readonly action: CardAction; readonly body: JsonObject }
  | { readonly kind: 'message'; readonly person: TeamsPerson; readonly body: JsonObject }
  | { readonly kind: 'installationUpdate' | 'conversationUpdate' | 'other'; readonly body: JsonObject };

export type ActivityTrust = ActivityTokenTrust & {
  readonly tenantId: string;
  /** Service URLs that activities may come from and be answered at, exactly or with the tenant behind them; a final slash makes no difference. */
  readonly serviceUrls: readonly string[];
  /** Conversations of our approver groups. */
  readonly conversationIds: readonly string[];
};

export type DeliveredActivity = { readonly authorization: string | undefined; readonly body: Uint8Array };

const channel = 'msteams';
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Makes the check of everything that claims to come from Teams, before any SDK sees it. It throws {@link ActivityError} for what fails.
 * The person is `from.aadObjectId`: the token vouches for the Bot Connector, and the Connector for the person.
 */
export function makeActivityVerifier(trust: ActivityTrust): (delivered: DeliveredActivity) => Promise<VerifiedActivity> {
  // Teams names `…/emea/` for some activities and `…/emea/{tenant}/` for others.
  const serviceUrls = new Set(trust.serviceUrls.map(withoutFinalSlash).flatMap((url) => [url, `${url}/${trust.tenantId}`]));
  const conversationIds = new Set(trust.conversationIds);
  return async ({ authorization, body }) => {
    const claimedServiceUrl = await verifyActivityToken(authorization, channel, trust);
    const { raw, activity } = parseActivityBody(body);
    requireServiceUrl(activity, claimedServiceUrl, serviceUrls);
    requireChannel(activity);
    requireTenant(activity, trust.tenantId);
    const verified = classify(activity, raw);
    // What has an effect or an answer comes from where approvers are asked; news, such as of an installation, may come from anywhere in the tenant.
    if (verified.kind === 'action' || verified.kind === 'message') requireConversation(activity, conversationIds);
    return verified;
  };
}

function requireServiceUrl(activity: ActivityBody, claimed: string, allowed: ReadonlySet<string>): void {
  if (activity.serviceUrl === undefined || activity.serviceUrl === null) {
    throw new ActivityError('missingServiceUrl', 'The activity names no service URL.');
  }
  const named = withoutFinalSlash(activity.serviceUrl);
  if (named !== withoutFinalSlash(claimed))
    throw new ActivityError('serviceUrlMismatch', 'Token and activity name different service URLs.');
  if (!allowed.has(named)) throw new ActivityError('serviceUrlNotAllowed', 'The service URL is not one of those configured.');
}

function withoutFinalSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

function requireChannel(activity: ActivityBody): void {
  if (activity.channelId !== channel) throw new ActivityError('wrongChannel', 'The activity is not of Microsoft Teams.');
}

/** Teams names the tenant in two places, sometimes only in one: whatever is named must be ours. */
function requireTenant(activity: ActivityBody, tenantId: string): void {
  const named = [activity.conversation.tenantId, activity.channelData?.tenant?.id].filter((id) => typeof id === 'string');
  if (named.length === 0 || named.some((id) => id !== tenantId))
    throw new ActivityError('wrongTenant', 'The activity is of another tenant.');
}

/** A message in a channel's thread carries the thread's root: `19:…@thread.tacv2;messageid=1700000000000`. */
function requireConversation(activity: ActivityBody, known: ReadonlySet<string>): void {
  const base = /^([^;]+)(?:;messageid=\d{1,20})?$/.exec(activity.conversation.id)?.[1];
  if (base === undefined || !known.has(base)) {
    throw new ActivityError('unknownConversation', 'The conversation is none of those where approvers are asked.');
  }
}

function classify(activity: ActivityBody, body: JsonObject): VerifiedActivity {
  switch (activity.type) {
    case 'invoke':
      if (activity.name !== 'adaptiveCard/action') return { kind: 'other', body };
      return { kind: 'action', person: readPerson(activity), action: parseCardAction(activity.value), body };
    case 'message':
      return { kind: 'message', person: readPerson(activity), body };
    case 'installationUpdate':
    case 'conversationUpdate':
      return { kind: activity.type, body };
    default:
      return { kind: 'other', body };
  }
}

function readPerson(activity: ActivityBody): TeamsPerson {
  const id = activity.from?.aadObjectId?.toLowerCase();
  if (id === undefined || !guid.test(id)) throw new ActivityError('missingPerson', 'The activity names no person of the directory.');
  return { id, name: activity.from?.name ?? id };
}
