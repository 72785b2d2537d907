import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ensureCertificates } from '../../../infra/local/certificates.ts';
import { instant } from '../../../shared/domain/instant.ts';
import type { Notice } from '../../../shared/domain/notice.ts';

export type Received = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };

/** A real https server with a certificate of a local CA, which answers as it is told to. */
export async function startReceiving() {
  const directory = await mkdtemp(join(tmpdir(), 'receiver-'));
  const certificates = await ensureCertificates(directory);
  const received: Received[] = [];
  let answer = (response: ServerResponse): void => {
    response.writeHead(204).end();
  };
  const server = createServer({ key: certificates.keyPem, cert: certificates.certPem }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new RangeError('it does not listen');
  const trusted = getCACertificates('default');
  return {
    directory,
    received,
    url: `https://localhost:${address.port}`,
    trust: () => setDefaultCACertificates([...trusted, certificates.caPem]),
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    stop: async () => {
      setDefaultCACertificates(trusted);
      server.closeAllConnections();
      server.close();
      await rm(directory, { recursive: true });
    },
  };
}

export const notice: Notice = {
  id: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa-9',
  operationId: 'op_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  sequence: 9,
  kind: 'succeeded',
  at: instant('2026-11-21T20:12:09.000Z'),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  action: 'microsoft.storage/storageaccounts/delete',
  status: 'succeeded',
  level: 'high',
  agent: {
    id: '44444444-4444-4444-8444-000000000001',
    name: 'deploy-agent',
    tenantId: '11111111-1111-4111-8111-111111111111',
    issuer: 'x',
  },
  policies: ['deploy-agents-ask-one-person'],
  createdAt: instant('2026-11-21T20:12:00.000Z'),
  found: undefined,
};
