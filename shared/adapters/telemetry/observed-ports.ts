import { parseTraceParent } from '../../domain/trace-parent.ts';
import type { Announcement, Announcer } from '../../ports/announcer.ts';
import type { AccessGranter, AzureCaller, AzureReader, CallOutcome, CredentialBroker, PollOutcome } from '../../ports/azure.ts';
import type { RunningStep, Telemetry } from '../../ports/telemetry.ts';

/**
 * Every message is sent in a span of the operation's trace, whose `traceparent` it carries, so that what handles it belongs there. A person's vote comes with a trace
 * of its own: what it causes is the operation's all the same.
 */
export function observeAnnouncer(announcer: Announcer, telemetry: Telemetry): Announcer {
  return {
    announce: async (announcements) => {
      const [first] = announcements;
      if (first === undefined) return await announcer.announce(announcements);
      const step = { name: 'send messages', kind: 'producer', parent: causeOf(first, telemetry.traceparent()) } as const;
      await telemetry.during({ ...step, attributes: messagesOf(announcements) }, async () => {
        telemetry.about(first.operationId);
        const traceparent = telemetry.traceparent();
        await announcer.announce(announcements.map((announcement) => ({ ...announcement, traceparent })));
      });
    },
  };
}

function messagesOf(announcements: readonly Announcement[]) {
  return {
    'messaging.system': 'servicebus',
    'messaging.operation.type': 'send',
    'messaging.batch.message_count': announcements.length,
    'countersign.purposes': announcements.map(({ purpose }) => purpose).join(','),
  };
}

/** The step around it where that is in the operation's trace, else the operation's own. */
function causeOf({ traceparent: own }: Announcement, around: string | undefined): string | undefined {
  const trace = parseTraceParent(own)?.traceId;
  return trace === undefined || parseTraceParent(around)?.traceId === trace ? around : own;
}

export function observeCaller(caller: AzureCaller, telemetry: Telemetry): AzureCaller {
  return {
    callOnce: (request, credential, clientRequestId) => {
      const attributes = { 'http.request.method': request.method, 'countersign.credential.tier': credential.tier };
      return telemetry.during({ name: 'call Azure Resource Manager', kind: 'client', attributes }, async (running) =>
        noted(await caller.callOnce(request, credential, clientRequestId), running),
      );
    },
    poll: (pollUrl, style, credential) => {
      const attributes = { 'http.request.method': 'GET', 'countersign.poll.style': style };
      return telemetry.during({ name: 'poll Azure Resource Manager', kind: 'client', attributes }, async (running) =>
        noted(await caller.poll(pollUrl, style, credential), running),
      );
    },
  };
}

/** Of an outcome only its kind and its status: reasons and bodies may hold what Azure wrote. */
function noted<Outcome extends CallOutcome | PollOutcome>(outcome: Outcome, running: RunningStep): Outcome {
  running.note({ 'countersign.call.outcome': outcome.kind });
  const status = 'answer' in outcome ? outcome.answer.status : 'status' in outcome ? outcome.status : undefined;
  if (status !== undefined) running.note({ 'http.response.status_code': status });
  const isFailure = outcome.kind === 'doubtful' || outcome.kind === 'notSent' || outcome.kind === 'unreadable';
  if (isFailure || (status !== undefined && status >= 400)) running.fail(isFailure ? outcome.kind : String(status));
  return outcome;
}

export function observeReader(reader: AzureReader, telemetry: Telemetry): AzureReader {
  return {
    read: (...asked) =>
      telemetry.during({ name: 'read Azure Resource Manager', kind: 'client' }, async (running) => {
        const outcome = await reader.read(...asked);
        running.note({ 'countersign.read.state': outcome.state });
        if (outcome.state === 'unreadable') running.fail('unreadable');
        return outcome;
      }),
  };
}

export function observeBroker(broker: CredentialBroker, telemetry: Telemetry): CredentialBroker {
  return {
    obtain: (tier, operationId) =>
      telemetry.during({ name: 'obtain credential', kind: 'client', attributes: { 'countersign.credential.tier': tier } }, () =>
        broker.obtain(tier, operationId),
      ),
  };
}

export function observeGranter(granter: AccessGranter, telemetry: Telemetry): AccessGranter {
  const during = <Outcome>(name: string, work: () => Promise<Outcome>, kindOf: (outcome: Outcome) => string): Promise<Outcome> =>
    telemetry.during({ name, kind: 'client' }, async (running) => {
      const outcome = await work();
      running.note({ 'countersign.access.outcome': kindOf(outcome) });
      return outcome;
    });
  const asItIs = (outcome: string) => outcome;
  return {
    grant: (grant, description) => {
      const work = () => granter.grant(grant, description);
      return during('grant access', work, ({ kind }) => kind);
    },
    remove: (assignmentId) => during('remove access', () => granter.remove(assignmentId), asItIs),
    allows: (credential, scope, needs) => during('ask for access', () => granter.allows(credential, scope, needs), asItIs),
    list: (principalIds) => granter.list(principalIds),
  };
}
