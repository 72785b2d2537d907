import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import type { ResourceManager } from '../../infra/local/resource-manager/start-resource-manager.ts';

export type AzureOperations = {
  /** The requests with the effects that they had in the end: a long-running operation that failed had none. */
  readonly withEffects: (requests: readonly LoggedRequest[]) => readonly LoggedRequest[];
  readonly stop: () => void;
};

const lookEveryMs = 500;

/** Remembers how long-running operations ended, which Azure forgets after a day. */
export function watchAzureOperations({ operations }: Pick<ResourceManager, 'operations'>): AzureOperations {
  const failed = new Set<string>();
  const look = (): void => {
    for (const { id, status } of operations()) if (status === 'Failed') failed.add(id);
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    withEffects: (requests) => {
      look();
      return requests.map((request) => (failed.has(request.operationId ?? '') ? { ...request, effect: null } : request));
    },
    stop: () => clearInterval(timer),
  };
}
