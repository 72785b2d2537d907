import { createServer } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { ensureCertificates } from '../../infra/local/certificates.ts';

/** An item as the ingestion protocol of Application Insights has it; what is read here of its many shapes. */
const itemShape = z.looseObject({
  name: z.string(),
  iKey: z.string(),
  time: z.string(),
  tags: z.record(z.string(), z.string()),
  data: z.looseObject({
    baseType: z.string(),
    baseData: z.looseObject({
      id: z.string().optional(),
      name: z.string().optional(),
      success: z.boolean().optional(),
      properties: z.record(z.string(), z.string()).optional(),
      metrics: z.array(z.looseObject({ name: z.string(), value: z.number(), count: z.number().optional() })).optional(),
    }),
  }),
});
export type TelemetryItem = z.output<typeof itemShape>;

export type TelemetryCollector = {
  /** What a function app is given to send here. */
  readonly settings: Readonly<Record<string, string>>;
  readonly items: () => readonly TelemetryItem[];
  /** Everything that was received, as text, with the addresses and headers that it came with. */
  readonly received: () => readonly string[];
  /** Requests that wait for an answer. */
  readonly held: () => number;
  /** From now on nothing is answered, or everything again; what waits goes on waiting. */
  readonly answer: (how: 'always' | 'never') => void;
  readonly stop: () => Promise<void>;
};

const instrumentationKey = '12345678-1234-4234-8234-123456789012';

/** Takes telemetry as Application Insights does (`POST /v2.1/track`), with a certificate of the environment that keeps its own in that directory. */
export async function startTelemetryCollector(certificatesDirectory: string): Promise<TelemetryCollector> {
  const { certPem, keyPem } = await ensureCertificates(certificatesDirectory);
  const items: TelemetryItem[] = [];
  const received: string[] = [];
  let answers = true;
  let held = 0;
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
      received.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}\n${text}`);
      if (!answers) {
        held += 1;
        return;
      }
      const sent = request.url?.startsWith('/v2.1/track') === true ? itemsIn(text) : [];
      items.push(...sent);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ itemsReceived: sent.length, itemsAccepted: sent.length, errors: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    settings: {
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=https://localhost:${port}/`,
      // As in the cloud, by which the SDK knows where it runs without asking around.
      FUNCTIONS_EXTENSION_VERSION: '~4',
      FUNCTIONS_WORKER_RUNTIME: 'node',
      WEBSITE_SITE_NAME: 'countersign-test',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_METRIC_EXPORT_INTERVAL: '300',
      OTEL_METRIC_EXPORT_TIMEOUT: '300',
    },
    items: () => items,
    received: () => received,
    held: () => held,
    answer: (how) => {
      answers = how === 'always';
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** One JSON list, or one item a line. */
function itemsIn(text: string): readonly TelemetryItem[] {
  const values: unknown = text.startsWith('[') ? JSON.parse(text) : text.split('\n').map((line): unknown => JSON.parse(line));
  return z.array(itemShape).parse(values);
}
