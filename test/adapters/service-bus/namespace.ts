import { randomBytes } from 'node:crypto';
import { queueSettings } from '../../../infra/local/own-services.ts';
import { startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';

/** A namespace with the queues of the product, in memory. Port 0 takes a free one. */
export function startNamespace(port = 0, key = randomBytes(32).toString('base64')) {
  return startServiceBus({
    port,
    directory: undefined,
    keyName: 'test',
    key,
    queues: queueSettings(),
  });
}
