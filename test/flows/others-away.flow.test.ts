import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ensureCertificates } from '../../infra/local/certificates.ts';
import { until } from '../support/api-client.ts';
import { development, storageAccount, storageVersion, useRunningEnvironment } from '../support/running-environment.ts';

const notice = z.looseObject({ id: z.string(), subject: z.string(), type: z.string() });
type Delivery = { readonly id: string; readonly subject: string; readonly type: string };

/** Every post that came to the receiver, and what each operation's first one is answered with. */
const deliveries: Delivery[] = [];
const firstAnswers: ((response: ServerResponse) => void)[] = [];
const held: ServerResponse[] = [];
let receiver: Server | undefined;
let elsewhere = 0;

async function startReceiver(directory: string): Promise<number> {
  const { certPem, keyPem } = await ensureCertificates(join(directory, 'certificates'));
  receiver = createServer({ cert: certPem, key: keyPem }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (request.url !== '/hook') {
      elsewhere += 1;
      response.writeHead(204).end();
      return;
    }
    const delivery = notice.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const isFirst = !deliveries.some(({ subject }) => subject === delivery.subject);
    deliveries.push(delivery);
    const answer = isFirst ? firstAnswers.shift() : undefined;
    if (answer === undefined) response.writeHead(204).end();
    else answer(response);
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  if (typeof address !== 'object' || address === null) throw new RangeError('it does not listen');
  return address.port;
}

const running = useRunningEnvironment({
  prepare: async (directory) => ({
    COUNTERSIGN_NOTICE_WEBHOOK_URL: `https://localhost:${await startReceiver(directory)}/hook`,
    COUNTERSIGN_NOTICE_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    // Nobody listens there.
    APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=12345678-1234-4234-8234-123456789012;IngestionEndpoint=https://localhost:1/',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '300',
    OTEL_METRIC_EXPORT_TIMEOUT: '300',
  }),
});
afterAll(() => {
  for (const response of held) response.destroy();
  receiver?.closeAllConnections();
  receiver?.close();
});

const reading = { method: 'GET', path: storageAccount(development, 'stdevdata'), apiVersion: storageVersion };

describe('a receiver of notices that fails at first', () => {
  const failures: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['breaks the connection', (response) => response.destroy()],
    ['answers 500', (response) => response.writeHead(500).end('out of order')],
    ['answers 410', (response) => response.writeHead(410).end()],
    ['sends elsewhere', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
    ['never answers', (response) => held.push(response)],
  ];

  it('is told again of each operation, under the same id, and no operation waits for it', async () => {
    firstAnswers.push(...failures.map(([, answer]) => answer));
    const { api, lines } = running();
    const ids: string[] = [];
    for (const _ of failures) {
      const { id } = (await api.submit('deploy-agent', reading)).operation();
      await api.awaitStatus(id, 'succeeded');
      ids.push(id);
    }
    const toldOf = (id: string) => deliveries.filter(({ subject }) => subject.includes(id));
    await until(async () => ids.every((id) => toldOf(id).length >= 2));
    for (const id of ids) {
      const told = toldOf(id);
      expect(new Set(told.map((delivery) => delivery.id)).size).toBe(1);
      expect(told).toHaveLength(2);
    }
    expect(elsewhere).toBe(0);
    const warned = lines.filter((line) => line.includes('a receiver did not take a notice'));
    expect(warned).toHaveLength(failures.length);
    expect(warned.filter((line) => line.includes('/hook') || line.includes('out of order'))).toEqual([]);
  }, 120_000);
});

describe('an endpoint of telemetry that is down', () => {
  it('keeps neither an operation from its end nor the host', async () => {
    const { api, host, outages } = running();
    const { id } = (await api.submit('deploy-agent', reading)).operation();
    await api.awaitStatus(id, 'succeeded');
    await outages.functions.stop();
    expect(await host.exited).toEqual({ code: 0, signal: null });
  });
});
