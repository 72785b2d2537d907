import { makeJweRecipientEncrypter } from '../../shared/adapters/sealing/jwe-recipient.ts';
import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import { deriveOperationId } from '../../shared/adapters/system/system.ts';
import type { Limit } from '../../shared/domain/limits.ts';
import type { RegisteredAgent } from '../../shared/ports/agent-registry.ts';
import type { MessageContent, StrayMessage } from '../../shared/ports/dead-letters.ts';
import { makeAnswerCardAction } from '../../shared/use-cases/answer-card-action.ts';
import { makeAssessOperation } from '../../shared/use-cases/assess-operation.ts';
import { makeAuthorizeVoter } from '../../shared/use-cases/authorize-voter.ts';
import { makeAwaitEnd } from '../../shared/use-cases/await-end.ts';
import { makeCancelOperation } from '../../shared/use-cases/cancel-operation.ts';
import { makeCheckOperation } from '../../shared/use-cases/check-operation.ts';
import { makeDeliverNotices } from '../../shared/use-cases/deliver-notices.ts';
import { makeExecuteOperation } from '../../shared/use-cases/execute-operation.ts';
import { usualPace } from '../../shared/use-cases/execution-pace.ts';
import { makeLimitKeeper } from '../../shared/use-cases/keep-limits.ts';
import { makeMeasureOperations } from '../../shared/use-cases/measure-operations.ts';
import { makeProjectOperation } from '../../shared/use-cases/project-operation.ts';
import { makeListOperations, makeReadEvents, makeReadOperation, makeWithBodies } from '../../shared/use-cases/read-operation.ts';
import { makeRecordDeadLetter } from '../../shared/use-cases/record-dead-letter.ts';
import { makeRecordFinding } from '../../shared/use-cases/record-finding.ts';
import { makeRecordVote } from '../../shared/use-cases/record-vote.ts';
import { makeRemoveLeftoverGrants } from '../../shared/use-cases/remove-leftover-grants.ts';
import { makeRequestApproval } from '../../shared/use-cases/request-approval.ts';
import { makeSubmitOperation } from '../../shared/use-cases/submit-operation.ts';
import {
  agentCaller,
  anna,
  approvers,
  auditors,
  boris,
  consoleClientId,
  deployAgent,
  issuer,
  olga,
  otherAgent,
  owen,
  personCaller,
  security,
  stranger,
} from './cast.ts';
import { makeCountedIds } from './counted-ids.ts';
import { makeInMemoryAccess } from './in-memory-access.ts';
import { makeInMemoryAnnouncer } from './in-memory-announcer.ts';
import { makeInMemoryAzure } from './in-memory-azure.ts';
import { makeInMemoryChannel } from './in-memory-channel.ts';
import { makeInMemoryDirectory } from './in-memory-directory.ts';
import { makeInMemoryLimitLedger } from './in-memory-limit-ledger.ts';
import { makeInMemoryOperationIndex } from './in-memory-operation-index.ts';
import { makeInMemoryOperationStore } from './in-memory-operation-store.ts';
import { makeInMemoryNoticeProgress, makeInMemoryReceiver } from './in-memory-receiver.ts';
import { makeInterruptions } from './interruptions.ts';
import { makeLiteralClock } from './literal-clock.ts';
import { makeLivingVaults } from './living-vaults.ts';
import { makeRecordedLog } from './recorded-log.ts';
import { makeScriptedPolicies } from './scripted-policies.ts';
import { makeTokenTable } from './token-table.ts';
import { unreadScripts } from './unread-scripts.ts';

export type World = ReturnType<typeof makeWorld>;

/** Everything that happens in a world that nobody has told otherwise happens at this instant. */
export const startOfTime = '2026-11-21T20:12:00.000Z';

/** Every use case, wired as the composition root wires them, on ports that live in memory and write what they do into one list of effects. */
export function makeWorld({
  rights = 'standing',
  limits = [],
  notices = false,
}: {
  readonly rights?: 'standing' | 'perOperation';
  readonly limits?: readonly Limit[];
  readonly notices?: boolean;
} = {}) {
  const effects: string[] = [];
  const fakes = makeFakes(effects);
  const { wrap } = fakes.interruptions;
  const deps = {
    log: fakes.log,
    clock: fakes.clock,
    ids: makeCountedIds(),
    deriveOperationId,
    macKey: new Uint8Array(32).fill(7),
    publicUrl: 'https://countersign.example',
    tokens: makeTokens(),
    personClients: new Map([[issuer, new Set([consoleClientId])]]),
    agents: fakes.agents.registry,
    groups: { groups: [approvers, security, auditors] },
    policies: fakes.policies,
    scripts: fakes.scripts,
    masker: makeSecretlintMasker({ personalData: [] }),
    store: wrap('store', fakes.store, ['create', 'append', 'read', 'readDocument']),
    limitKeeper: makeLimitKeeper({
      limits: { limitsOf: () => limits },
      ledger: wrap('ledger', fakes.ledger, ['read', 'write']),
      store: fakes.store,
      clock: fakes.clock,
      chance: () => 0,
      pause: async () => undefined,
    }),
    notices,
    receiver: wrap('receiver', fakes.receiver, ['deliver']),
    progress: wrap('progress', makeInMemoryNoticeProgress(), ['toldUpTo', 'markTold']),
    index: wrap('index', fakes.index, ['put', 'query', 'oldestWaiting']),
    strays: wrap('strays', fakes.strays, ['record']),
    setAside: fakes.setAside,
    announcer: wrap('announcer', fakes.announcer, ['announce']),
    directory: wrap('directory', fakes.directory, ['account', 'memberOf']),
    reader: wrap('reader', fakes.azure.reader, ['read']),
    broker: wrap('broker', fakes.azure.broker, ['obtain']),
    access:
      rights === 'standing'
        ? undefined
        : { ...fakes.access, granter: wrap('granter', fakes.access.granter, ['grant', 'remove', 'allows', 'list']) },
    caller: wrap('caller', fakes.azure.caller, ['callOnce', 'poll']),
    channel: wrap('channel', fakes.channel, ['post', 'update']),
    deadLetters: { count: async () => ({ ...fakes.deadLetterCounts }) },
    pause: fakes.pauses.pause,
    pace: usualPace,
    chance: () => 0,
    activityLog: wrap('activityLog', fakes.azure.activityLog, ['find']),
    vaults: { suffix: '.vault.azure.net', reader: wrap('vaultReader', fakes.keyVault.reader, ['read']) },
    vaultCalls: {
      broker: wrap('vaultBroker', fakes.keyVault.broker, ['obtain']),
      caller: wrap('vaultCaller', fakes.keyVault.caller, ['callOnce', 'readValue']),
      encrypter: makeJweRecipientEncrypter(),
    },
  };
  return { ...fakes, effects, deps, ...makeUseCases(deps) };
}

function makeFakes(effects: string[]) {
  const clock = makeLiteralClock(startOfTime);
  const directory = makeInMemoryDirectory();
  directory.place(anna.id, [approvers.id]);
  directory.place(boris.id, [approvers.id, security.id]);
  directory.place(olga.id, [auditors.id]);
  directory.place(owen.id, [approvers.id]);
  directory.place(stranger.id, []);
  return {
    clock,
    directory,
    log: makeRecordedLog(),
    interruptions: makeInterruptions(),
    store: makeInMemoryOperationStore(effects),
    ledger: makeInMemoryLimitLedger(),
    receiver: makeInMemoryReceiver(),
    index: makeInMemoryOperationIndex(effects),
    announcer: makeInMemoryAnnouncer(effects),
    azure: makeInMemoryAzure(effects),
    access: makeInMemoryAccess(effects),
    keyVault: makeLivingVaults(clock, effects),
    channel: makeInMemoryChannel(effects),
    policies: makeScriptedPolicies(),
    scripts: unreadScripts,
    agents: makeAgents(),
    strays: makeStrays(),
    setAside: makeSetAside(),
    pauses: makePauses(clock),
    deadLetterCounts: { 'approval-requests': 0, executions: 0, checks: 0, changes: 0, notices: 0 },
  };
}

function makeUseCases(deps: UseCaseDeps) {
  const recordVote = makeRecordVote(deps);
  const awaitEnd = makeAwaitEnd(deps);
  return {
    submit: makeSubmitOperation(deps),
    assess: makeAssessOperation(deps),
    requestApproval: makeRequestApproval(deps),
    authorizeVoter: makeAuthorizeVoter(deps),
    recordVote,
    recordFinding: makeRecordFinding(deps),
    answerCardAction: makeAnswerCardAction({ ...deps, recordVote }),
    execute: makeExecuteOperation(deps),
    check: makeCheckOperation(deps),
    project: makeProjectOperation(deps),
    deliverNotices: makeDeliverNotices(deps),
    recordDeadLetter: makeRecordDeadLetter(deps),
    read: makeReadOperation(deps),
    readEvents: makeReadEvents(deps),
    list: makeListOperations(deps),
    cancel: makeCancelOperation(deps),
    measure: makeMeasureOperations(deps),
    removeLeftoverGrants: makeRemoveLeftoverGrants(deps),
    awaitEnd,
    withBodies: makeWithBodies(deps),
  };
}

/** All that any use case asks for. */
type UseCaseDeps = Parameters<typeof makeSubmitOperation>[0] &
  Parameters<typeof makeAssessOperation>[0] &
  Parameters<typeof makeRequestApproval>[0] &
  Parameters<typeof makeRecordVote>[0] &
  Parameters<typeof makeExecuteOperation>[0] &
  Parameters<typeof makeCheckOperation>[0] &
  Parameters<typeof makeProjectOperation>[0] &
  Parameters<typeof makeDeliverNotices>[0] &
  Parameters<typeof makeRecordDeadLetter>[0] &
  Parameters<typeof makeListOperations>[0] &
  Parameters<typeof makeMeasureOperations>[0] &
  Parameters<typeof makeRemoveLeftoverGrants>[0] &
  Parameters<typeof makeAwaitEnd>[0];

function makeAgents() {
  const agents = new Map<string, RegisteredAgent>();
  const register = (agent: RegisteredAgent) => {
    agents.set(`${agent.tenantId}/${agent.objectId}`, agent);
  };
  register(deployAgent);
  register(otherAgent);
  return {
    registry: { find: (tenantId: string, objectId: string) => agents.get(`${tenantId}/${objectId}`) },
    /** Registers, or replaces what was registered under the same id. */
    register,
    strikeOff: (agent: RegisteredAgent) => {
      agents.delete(`${agent.tenantId}/${agent.objectId}`);
    },
  };
}

function makeStrays() {
  const recorded: StrayMessage[] = [];
  return {
    recorded,
    record: async (message: StrayMessage) => {
      recorded.push(message);
    },
  };
}

function makeSetAside() {
  const kept: { readonly queue: string; readonly messageId: string; readonly reason: string; readonly body: string }[] = [];
  return {
    kept,
    keep: async ({ queue, messageId, reason }: StrayMessage, { body }: MessageContent) => {
      kept.push({ queue, messageId, reason, body: Buffer.from(body).toString('utf8') });
    },
  };
}

/** Pauses let time pass on the literal clock; `meanwhile` is what others do in the time. */
function makePauses(clock: { advanceMs(durationMs: number): void }) {
  const taken: number[] = [];
  let others: (() => Promise<void>) | undefined;
  return {
    taken,
    meanwhile: (act: () => Promise<void>) => {
      others = act;
    },
    pause: async (durationMs: number) => {
      taken.push(durationMs);
      clock.advanceMs(durationMs);
      await others?.();
    },
  };
}

function makeTokens() {
  return makeTokenTable({
    'deploy-agent': agentCaller(deployAgent),
    'other-agent': agentCaller(otherAgent),
    'agent-without-role': agentCaller(deployAgent, []),
    anna: personCaller(anna),
    boris: personCaller(boris),
    owen: personCaller(owen),
    olga: personCaller(olga, ['Audit.Read']),
    stranger: personCaller(stranger),
    expired: 'expired',
    foreign: 'wrongIssuer',
    'signed-by-unknown-keys': 'keysUnavailable',
  });
}
