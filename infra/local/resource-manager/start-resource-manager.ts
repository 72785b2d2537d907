import { join } from 'node:path';
import { startLoopbackServer } from '../loopback-server.ts';
import { ensurePrivateDirectory } from '../private-files.ts';
import { tenantId } from '../seed.ts';
import { openAdminKey } from './administration.ts';
import { answerRequest, refuseTooLarge, type Site } from './answer-request.ts';
import { makeAuthorizer, type RightsPropagation } from './authorization.ts';
import type { ArmService } from './call.ts';
import type { Rights } from './deployed-grants.ts';
import { type FaultControl, Faults } from './faults.ts';
import { deployedGranterCondition } from './granter-condition.ts';
import { isAssignment } from './grants.ts';
import { releaseStalled, settleOperations } from './long-running.ts';
import { type LongRunningOptions, longRunningOf } from './long-running-styles.ts';
import type { OwnResources } from './own-resources.ts';
import { type LoggedRequest, openRequestLog } from './request-log.ts';
import { seedResources } from './seed-resources.ts';
import { openStateStore, type StoredOperation, type StoredResource } from './state-store.ts';
import { makeTokenCheck } from './token-check.ts';

export type ResourceManagerOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Where state and request log are kept. */
  readonly directory: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** The issuer whose tokens are taken, and where its keys are. */
  readonly identityIssuer: string;
  readonly jwksUri: string;
  /** How long-running operations go; each takes a second by default. */
  readonly longRunning?: LongRunningOptions;
  /** How long after it happened an event can be asked for in the activity log, some minutes in the cloud; none by default. */
  readonly activityLogDelayMs?: number;
  /** What follows the name of a vault in its address, which a vault tells where it is given: `.vault.azure.net`. */
  readonly vaultSuffix?: string;
  /** What the identities of operations may do: everything, unless it is said that they have their rights per operation. */
  readonly rights?: Rights;
  /** Object ids of principals that own everything, whatever the rights of operations are; nobody unless it is said. */
  readonly owners?: readonly string[];
  readonly propagation?: RightsPropagation;
  /** What else there is of Countersign's own, which other stand-ins keep. */
  readonly own?: OwnResources;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

export type ResourceManager = {
  /** `https://localhost:PORT` */
  readonly address: string;
  /** Every request received so far with a sequence above `after` (0 by default), oldest first. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  /** Every long-running operation that is remembered, as it is now. */
  readonly operations: () => readonly StoredOperation[];
  /** Everything that there is, for the stand-ins that depend on it. Not for logs: some of it is secret. */
  readonly resources: () => readonly StoredResource[];
  /** Ids of the role assignments that there are. */
  readonly roleAssignments: () => readonly string[];
  /** The deployment changes: the identities of operations have from now on what is said here. */
  readonly changeRights: (rights: Rights) => void;
  /** Somebody takes away what the deployment assigned to a principal. */
  readonly withdraw: (principalId: string) => void;
  /** Lets things go wrong. */
  readonly faults: FaultControl;
  /** The secret for `/_faults`; not for logs. */
  readonly adminKey: string;
  /** Lets go what faults hold, answers what is under way, and closes every connection. */
  readonly stop: () => Promise<void>;
};

/** ARM takes bodies of at most 4 MiB. */
const bodyLimitBytes = 4 * 1024 * 1024;

/** Starts the stand-in for Azure Resource Manager on https, on loopback only. */
export async function startResourceManager(options: ResourceManagerOptions): Promise<ResourceManager> {
  const { port, directory, certPem, keyPem, now = Date.now } = options;
  ensurePrivateDirectory(directory);
  const log = openRequestLog(join(directory, 'requests.ndjson'));
  const store = openStateStore({ state: join(directory, 'state.json'), changes: join(directory, 'changes.ndjson') }, () =>
    seedResources(now()),
  );
  const authorizer = makeAuthorizer({
    store,
    rights: options.rights ?? 'standing',
    owners: options.owners ?? [],
    granterCondition: deployedGranterCondition(),
    ...(options.propagation === undefined ? {} : { propagation: options.propagation }),
  });
  const adminKey = openAdminKey(join(directory, 'admin.key'));
  const faults = new Faults((faultId) => releaseStalled(store, faultId, now()));
  const tokenCheck = makeTokenCheck(options.identityIssuer, options.jwksUri, tenantId);
  const loginAddress = options.identityIssuer.replace(/\/v2\.0$/, '');
  const server = await startLoopbackServer({
    port,
    tls: { certPem, keyPem },
    bodyLimitBytes,
    makeHandlers: (openPort) => {
      const service: ArmService = {
        address: addressAt(openPort),
        store,
        authorizer,
        longRunning: longRunningOf(options.longRunning ?? {}),
        requests: () => log.after(0),
        activityLogDelayMs: options.activityLogDelayMs ?? 0,
        ...(options.vaultSuffix === undefined ? {} : { vaultSuffix: options.vaultSuffix }),
      };
      const site: Site = { service, own: options.own, tokenCheck, loginAddress, log, faults, adminKey, now };
      return { handle: (request) => answerRequest(request, site), refuseTooLarge: (head) => refuseTooLarge(head, site) };
    },
  });
  return {
    address: addressAt(server.port),
    requests: (after = 0) => log.after(after),
    operations: () => {
      settleOperations(store, now());
      return store.operations();
    },
    resources: () => {
      settleOperations(store, now());
      return store.all();
    },
    roleAssignments: () =>
      store
        .all()
        .filter(isAssignment)
        .map(({ id }) => id),
    changeRights: authorizer.changeRights,
    withdraw: authorizer.withdraw,
    faults,
    adminKey: adminKey.value,
    stop: async () => {
      faults.letGo();
      await server.stop();
    },
  };
}

function addressAt(port: number): string {
  return `https://localhost:${port}`;
}
