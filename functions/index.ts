import { app } from '@azure/functions';
import { ManagedIdentityCredential } from '@azure/identity';
import manifest from '../package.json' with { type: 'json' };
import { loadPolicies } from '../shared/adapters/cedar/load-policies.ts';
import { makeManagedIdentityBroker } from '../shared/adapters/entra/credential-broker.ts';
import { makeGraphDirectory } from '../shared/adapters/entra/graph-directory.ts';
import { makePublishedKeys } from '../shared/adapters/entra/published-keys.ts';
import { makeTokenVerifier } from '../shared/adapters/entra/token-verifier.ts';
import { makeSecretCaller } from '../shared/adapters/key-vault/secret-caller.ts';
import { makeSecretReader } from '../shared/adapters/key-vault/secret-reader.ts';
import { vaultResourceOf } from '../shared/adapters/key-vault/vault-site.ts';
import { loadGrantableRoles } from '../shared/adapters/policy-files/grantable-roles.ts';
import { loadLimits } from '../shared/adapters/policy-files/limits-register.ts';
import { loadRegisters } from '../shared/adapters/policy-files/load-registers.ts';
import { makeAccessGranter } from '../shared/adapters/resource-manager/access-granter.ts';
import { makeActivityLog } from '../shared/adapters/resource-manager/activity-log.ts';
import { makeAzureCaller } from '../shared/adapters/resource-manager/azure-caller.ts';
import { makeAzureReader } from '../shared/adapters/resource-manager/azure-reader.ts';
import { makeJweRecipientEncrypter } from '../shared/adapters/sealing/jwe-recipient.ts';
import { makeJweSealer } from '../shared/adapters/sealing/jwe-sealer.ts';
import { makeSecretlintMasker } from '../shared/adapters/secretlint/secretlint-masker.ts';
import { makeServiceBusAnnouncer } from '../shared/adapters/service-bus/announcer.ts';
import { makeServiceBusDeadLetterCounts } from '../shared/adapters/service-bus/dead-letter-counts.ts';
import { makeReachQueues } from '../shared/adapters/service-bus/reach-queues.ts';
import { makeServiceBusSetAside } from '../shared/adapters/service-bus/set-aside.ts';
import { makeServiceBusUnreadableLetters } from '../shared/adapters/service-bus/unreadable-letters.ts';
import { deriveKey, deriveOperationId, systemChance, systemClock, systemIds, systemPause } from '../shared/adapters/system/system.ts';
import { documentContainerName, tableNames } from '../shared/adapters/table-storage/ensure-storage.ts';
import { makeTableLimitLedger } from '../shared/adapters/table-storage/limit-ledger.ts';
import { makeTableNoticeProgress } from '../shared/adapters/table-storage/notice-progress.ts';
import { makeTableOperationIndex } from '../shared/adapters/table-storage/operation-index.ts';
import { makeTableOperationStore } from '../shared/adapters/table-storage/operation-store.ts';
import { makeTableStrayMessages } from '../shared/adapters/table-storage/stray-messages.ts';
import { makeOperationCard } from '../shared/adapters/teams/operation-card.ts';
import { makeTeamsChannel } from '../shared/adapters/teams/teams-channel.ts';
import { makeTeamsEndpoint } from '../shared/adapters/teams/teams-endpoint.ts';
import { makeActivityVerifier } from '../shared/adapters/teams/verify-activity.ts';
import {
  observeAnnouncer,
  observeBroker,
  observeCaller,
  observeGranter,
  observeReader,
} from '../shared/adapters/telemetry/observed-ports.ts';
import { observeStore } from '../shared/adapters/telemetry/observed-store.ts';
import { observeSecretCaller, observeSecretReader } from '../shared/adapters/telemetry/observed-vaults.ts';
import { sdkSettings } from '../shared/adapters/telemetry/sdk-settings.ts';
import { makeTelemetry } from '../shared/adapters/telemetry/telemetry.ts';
import { loadScriptReader } from '../shared/adapters/tree-sitter/load-script-reader.ts';
import { type Config, ConfigError, parseConfig } from '../shared/config.ts';
import { type QueueName, queueNames, setAsideQueue } from '../shared/contracts/queues.ts';
import { epochMsOf } from '../shared/domain/instant.ts';
import { makeAnswerCardAction } from '../shared/use-cases/answer-card-action.ts';
import { makeAssessOperation } from '../shared/use-cases/assess-operation.ts';
import { makeAuthorizeVoter } from '../shared/use-cases/authorize-voter.ts';
import { makeAwaitEnd } from '../shared/use-cases/await-end.ts';
import { makeCancelOperation } from '../shared/use-cases/cancel-operation.ts';
import { makeCheckOperation } from '../shared/use-cases/check-operation.ts';
import { makeDeliverNotices } from '../shared/use-cases/deliver-notices.ts';
import { makeExecuteOperation } from '../shared/use-cases/execute-operation.ts';
import { usualPace } from '../shared/use-cases/execution-pace.ts';
import { makeLimitKeeper } from '../shared/use-cases/keep-limits.ts';
import { makeMeasureOperations } from '../shared/use-cases/measure-operations.ts';
import { makeProjectOperation } from '../shared/use-cases/project-operation.ts';
import { makeReadHealth } from '../shared/use-cases/read-health.ts';
import { makeListOperations, makeReadEvents, makeReadOperation, makeWithBodies } from '../shared/use-cases/read-operation.ts';
import { makeRecordDeadLetter } from '../shared/use-cases/record-dead-letter.ts';
import { makeRecordFinding } from '../shared/use-cases/record-finding.ts';
import { makeRecordVote } from '../shared/use-cases/record-vote.ts';
import { makeRemoveLeftoverGrants } from '../shared/use-cases/remove-leftover-grants.ts';
import { makeRequestApproval } from '../shared/use-cases/request-approval.ts';
import { makeSettleUnreadable } from '../shared/use-cases/settle-unreadable.ts';
import { makeSubmitOperation } from '../shared/use-cases/submit-operation.ts';
import { makeAssessOperationHandler } from './assess-operation.http.ts';
import { makeCancelOperationHandler } from './cancel-operation.http.ts';
import { makeCheckOperationHandler } from './check-operation.service-bus.ts';
import { connect } from './connect.ts';
import { makeDeadLetterHandler } from './dead-letter.service-bus.ts';
import { makeDecideOperationHandler } from './decide-operation.http.ts';
import { makeDeliverNoticesHandler } from './deliver-notices.service-bus.ts';
import { makeExecuteOperationHandler } from './execute-operation.service-bus.ts';
import { makeMeasureOperationsHandler, measureSchedule } from './measure-operations.timer.ts';
import { receiverOf } from './notice-receiver.ts';
import { observeInvocations } from './observe-invocations.ts';
import { operationUrl } from './operation-answer.ts';
import { personClientsOf } from './person-clients.ts';
import { makeProbes } from './probes.ts';
import { makeProjectOperationHandler } from './project-operation.service-bus.ts';
import { fromQueue } from './queue.ts';
import { makeReadHealthHandler } from './read-health.http.ts';
import { makeListOperationsHandler, makeReadEventsHandler, makeReadOperationHandler } from './read-operation.http.ts';
import { makeRecordFindingHandler } from './record-finding.http.ts';
import { leftoverSchedule, makeRemoveLeftoverGrantsHandler } from './remove-leftover-grants.timer.ts';
import { makeRequestApprovalHandler } from './request-approval.service-bus.ts';
import { makeSettleUnreadableHandler, unreadableSchedule } from './settle-unreadable.timer.ts';
import { makeSubmitOperationHandler } from './submit-operation.http.ts';
import { makeTeamsMessagesHandler } from './teams-messages.http.ts';

/** A host that ends waits so long for telemetry that is still to be sent. */
const telemetryClosesWithinMs = 2_000;

const config = parseConfig(process.env);
const telemetry = makeTelemetry((level, line) => console[level](line));
const { log } = telemetry;
app.hook.preInvocation(observeInvocations({ telemetry, clock: systemClock }));
const { table, container, serviceBus } = connect(config);
const [policies, registers, scripts] = await Promise.all([
  loadPolicies(config.policy.directory, { protectedScopes: config.policy.protectedScopes }),
  loadRegisters(config.policy.directory, { tenantId: config.tenantId }),
  loadScriptReader(),
]);
const { agents, agentNames, groups, issuers } = registers;
const groupFaults = policies.groupFaults({ ...registers, groups: groups.groups });
if (groupFaults.length > 0) throw new ConfigError(groupFaults.map(({ message }) => message));
const limits = await loadLimits(config.policy.directory, agentNames);
const identity = (clientId: string) => new ManagedIdentityCredential({ clientId });

/** What every role needs: who calls, what is stored, what Azure says of a target, what the policies say. */
const storage = makeTableOperationStore({
  tables: table(tableNames.operations),
  blobs: container(documentContainerName),
  sealer: makeJweSealer({ keys: config.sealingKeys }),
});
const store = observeStore(storage, { telemetry, log });
const masker = makeSecretlintMasker({ personalData: config.maskedPersonalData });
const deps = {
  log,
  clock: systemClock,
  pause: systemPause,
  ids: systemIds,
  deriveOperationId,
  macKey: deriveKey(config.sealingKeys[0].key, 'repeats'),
  publicUrl: config.publicUrl,
  tokens: makeTokenVerifier({ issuers: [...config.api.issuers, ...issuers], clock: systemClock, log }),
  personClients: personClientsOf(config.api, issuers),
  agents,
  groups,
  policies,
  scripts,
  masker,
  store,
  limitKeeper: makeLimitKeeper({
    limits,
    ledger: makeTableLimitLedger({ tables: table(tableNames.limits) }),
    store,
    clock: systemClock,
    chance: systemChance,
    pause: systemPause,
  }),
  index: makeTableOperationIndex({ tables: table(tableNames.index) }),
  strays: makeTableStrayMessages({ tables: table(tableNames.strayMessages) }),
  setAside: makeServiceBusSetAside(serviceBus),
  announcer: observeAnnouncer(makeServiceBusAnnouncer(serviceBus), telemetry),
  directory: makeGraphDirectory({
    endpoint: config.azure.graphEndpoint,
    scope: 'https://graph.microsoft.com/.default',
    credential: identity(config.azure.directoryClientId),
    clock: systemClock,
    maxAgeMs: config.azure.directoryMaxAgeMs,
  }),
  reader: observeReader(
    makeAzureReader({ endpoint: config.azure.armEndpoint, credential: identity(config.azure.readerClientId) }),
    telemetry,
  ),
  vaults: {
    suffix: config.keyVault.suffix,
    reader: observeSecretReader(
      makeSecretReader({
        ...config.keyVault,
        tenantId: config.tenantId,
        credential: identity(config.azure.readerClientId),
        clock: systemClock,
      }),
      telemetry,
    ),
  },
  awaitEnd: makeAwaitEnd({ store, clock: systemClock, pause: systemPause }),
  withBodies: makeWithBodies({ store, masker }),
};

const plays = (role: Config['role']) => config.role === role || config.role === 'all';
const http = { authLevel: 'anonymous' } as const;
const registerDeadLetters = (...names: readonly QueueName[]) => {
  const recordDeadLetter = makeRecordDeadLetter(deps);
  for (const name of names) {
    const handler = makeDeadLetterHandler({ ...deps, recordDeadLetter }, name);
    app.serviceBusQueue(`dead-letter-${name}`, { ...fromQueue(`${name}/$DeadLetterQueue`), handler });
  }
};

/** The edge takes requests; it has no right on Azure but to read. */
if (plays('edge')) {
  const submitOperation = makeSubmitOperation(deps);
  const submit = makeSubmitOperationHandler({
    ...deps,
    // What follows from an operation belongs to the step that took it, which itself goes on with the caller's trace.
    submit: (caller, { traceparent, ...submission }) =>
      submitOperation(caller, { ...submission, traceparent: telemetry.traceparent() ?? traceparent }),
  });
  app.http('submit-operation', { ...http, methods: ['POST'], route: 'api/operations', handler: submit });
  const assess = makeAssessOperationHandler({ ...deps, assess: makeAssessOperation(deps) });
  app.http('assess-operation', { ...http, methods: ['POST'], route: 'api/operations/assess', handler: assess });
}

/** Approvals ask people and count their votes. */
if (plays('approvals') && config.teams !== undefined) {
  const { botAppId, issuer, openIdMetadataUrl, serviceUrls } = config.teams;
  const token = async (scope: string) => (await identity(botAppId).getToken(scope)).token;
  // Its SDK is a third of all code, and the other roles start without it.
  const { makeTeamsBot } = await import('../shared/adapters/teams/teams-bot.ts');
  const bot = makeTeamsBot({ botAppId, tenantId: config.tenantId, serviceUrl: serviceUrls[0], issuer, openIdMetadataUrl, token });
  const cardOf = makeOperationCard((id) => operationUrl(config, id));
  const channel = makeTeamsChannel(bot, cardOf);
  const recordVote = makeRecordVote(deps);
  const endpoint = makeTeamsEndpoint({
    bot,
    cardOf,
    log,
    verify: makeActivityVerifier({
      issuer,
      botAppId,
      tenantId: config.tenantId,
      serviceUrls,
      conversationIds: groups.groups.flatMap(({ conversationId }) => conversationId ?? []),
      keys: makePublishedKeys({ jwksUri: openIdMetadataUrl.replace(/\/openidconfiguration$/, '/keys'), clock: systemClock, log }),
      nowMs: () => epochMsOf(systemClock.now()),
    }),
    onAction: makeAnswerCardAction({ ...deps, recordVote }),
    helpText:
      'I am Countersign. When an agent asks for something that needs a person, I post a card here; approve or reject it with its buttons.',
  });
  const requestApproval = makeRequestApprovalHandler({ ...deps, requestApproval: makeRequestApproval({ ...deps, channel }) });
  app.serviceBusQueue('request-approval', { ...fromQueue('approval-requests'), handler: requestApproval });
  app.http('teams-messages', { ...http, methods: ['POST'], route: 'api/messages', handler: makeTeamsMessagesHandler({ endpoint }) });
  const decide = makeDecideOperationHandler({ ...deps, recordVote, authorizeVoter: makeAuthorizeVoter(deps) });
  app.http('decide-operation', { ...http, methods: ['POST'], route: 'api/operations/{id}/decisions', handler: decide });
  const recordFinding = makeRecordFindingHandler({
    ...deps,
    recordFinding: makeRecordFinding(deps),
    authorizeVoter: makeAuthorizeVoter(deps),
  });
  app.http('record-finding', { ...http, methods: ['POST'], route: 'api/operations/{id}/findings', handler: recordFinding });
  const receiver = config.notices === undefined ? undefined : receiverOf(config, config.notices);
  const project = makeProjectOperationHandler({
    ...deps,
    project: makeProjectOperation({ ...deps, channel, notices: receiver !== undefined }),
  });
  app.serviceBusQueue('project-operation', { ...fromQueue('changes'), handler: project });
  if (receiver !== undefined) {
    const progress = makeTableNoticeProgress({ tables: table(tableNames.notices) });
    const deliverNotices = makeDeliverNotices({ ...deps, receiver, progress, chance: systemChance });
    app.serviceBusQueue('deliver-notices', { ...fromQueue('notices'), handler: makeDeliverNoticesHandler({ ...deps, deliverNotices }) });
  }
  registerDeadLetters('approval-requests', 'changes', 'notices');
}

/** The executor alone may obtain credentials that change anything, and verifies every vote before it does. */
if (plays('executor') && config.azure.executor !== undefined) {
  const { operatorClientId, secretsClientId, rights } = config.azure.executor;
  const brokerFor = (scope: string) => {
    const clientIds = { reader: config.azure.readerClientId, operator: operatorClientId, secrets: secretsClientId };
    return observeBroker(makeManagedIdentityBroker({ clientIds, scope, clock: systemClock }), telemetry);
  };
  const broker = brokerFor('https://management.azure.com/.default');
  const vaultCalls = {
    broker: brokerFor(`${vaultResourceOf(config.keyVault.suffix)}/.default`),
    caller: observeSecretCaller(makeSecretCaller({ ...config.keyVault, tenantId: config.tenantId, clock: systemClock }), telemetry),
    encrypter: makeJweRecipientEncrypter(),
  };
  const access =
    rights.kind === 'standing'
      ? undefined
      : {
          granter: observeGranter(
            makeAccessGranter({ endpoint: config.azure.armEndpoint, credential: identity(rights.granterClientId) }),
            telemetry,
          ),
          rules: {
            roles: await loadGrantableRoles(config.policy.directory),
            principals: { operator: rights.operatorPrincipalId, secrets: rights.secretsPrincipalId },
          },
        };
  const arm = { endpoint: config.azure.armEndpoint, clock: systemClock, traceparent: telemetry.traceparent };
  const caller = observeCaller(makeAzureCaller(arm), telemetry);
  const activityLog = makeActivityLog({ endpoint: config.azure.armEndpoint, credential: identity(config.azure.readerClientId) });
  const executing = { ...deps, broker, vaultCalls, caller, access, activityLog, pace: usualPace, chance: systemChance };
  const execute = makeExecuteOperationHandler({ ...deps, execute: makeExecuteOperation(executing) });
  app.serviceBusQueue('execute-operation', { ...fromQueue('executions'), handler: execute });
  const check = makeCheckOperationHandler({ ...deps, check: makeCheckOperation(executing) });
  app.serviceBusQueue('check-operation', { ...fromQueue('checks'), handler: check });
  registerDeadLetters('executions', 'checks');
  const deadLetters = makeServiceBusDeadLetterCounts(serviceBus, [...queueNames, setAsideQueue.name]);
  const measure = makeMeasureOperationsHandler(makeMeasureOperations({ ...deps, deadLetters }));
  app.timer('measure-operations', { schedule: measureSchedule, handler: measure });
  const unreadable = makeServiceBusUnreadableLetters(serviceBus, queueNames);
  const settleUnreadable = makeSettleUnreadableHandler(makeSettleUnreadable({ ...deps, unreadable }));
  app.timer('settle-unreadable', { schedule: unreadableSchedule, handler: settleUnreadable });
  const removeLeftovers = makeRemoveLeftoverGrantsHandler(makeRemoveLeftoverGrants({ ...deps, access }));
  app.timer('remove-leftover-grants', { schedule: leftoverSchedule, handler: removeLeftovers });
}

if (plays('edge')) {
  const read = makeReadOperationHandler({ ...deps, read: makeReadOperation(deps) });
  app.http('read-operation', { ...http, methods: ['GET'], route: 'api/operations/{id}', handler: read });
  const list = makeListOperationsHandler({ ...deps, list: makeListOperations(deps) });
  app.http('list-operations', { ...http, methods: ['GET'], route: 'api/operations', handler: list });
  const events = makeReadEventsHandler({ ...deps, readEvents: makeReadEvents(deps) });
  app.http('read-events', { ...http, methods: ['GET'], route: 'api/operations/{id}/events', handler: events });
  const cancel = makeCancelOperationHandler({ ...deps, cancel: makeCancelOperation(deps) });
  app.http('cancel-operation', { ...http, methods: ['POST'], route: 'api/operations/{id}/cancel', handler: cancel });
}

const probes = makeProbes({
  store: storage,
  ids: systemIds,
  hasDocuments: () => container(documentContainerName).exists(),
  reachQueues: makeReachQueues(serviceBus, 'changes'),
  reader: deps.reader,
  directory: deps.directory,
  telemetry,
  vaults: { reader: deps.vaults.reader, watched: config.keyVault.watched },
});
const readHealth = makeReadHealth({ probes, clock: systemClock, pause: systemPause });
const running = {
  role: config.role,
  version: manifest.version,
  policyVersion: policies.version,
  sealingKeyIds: config.sealingKeys.map(({ kid }) => kid),
};
app.http('read-health', {
  ...http,
  methods: ['GET'],
  route: 'api/health',
  handler: makeReadHealthHandler({ ...deps, readHealth, running }),
});

/** Loaded last and waited for by nobody: what is slow or broken about telemetry is slow or broken for itself. */
if (config.telemetry !== undefined) {
  const { connectionString, identity: sender } = config.telemetry;
  const credential =
    sender === undefined ? undefined : new ManagedIdentityCredential(sender.clientId === undefined ? {} : { clientId: sender.clientId });
  Object.assign(process.env, sdkSettings);
  app.hook.appTerminate(() => telemetry.close(telemetryClosesWithinMs));
  void telemetry.exportThrough(async () => {
    const { makeAzureMonitorExporter } = await import('../shared/adapters/telemetry/azure-monitor.ts');
    return makeAzureMonitorExporter({ connectionString, credential });
  });
}
