import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';
import { afterAll, describe, expect, it } from 'vitest';
import { documentContainerName, tableNames } from '../../shared/adapters/table-storage/ensure-storage.ts';
import { until } from '../support/api-client.ts';
import { findPlanted, plantSecret, type SearchedPlace, storageKey } from '../support/planted-secrets.ts';
import {
  computeVersion,
  development,
  groupVersion,
  production,
  type RunningEnvironment,
  storageAccount,
  storageVersion,
  useRunningEnvironment,
  virtualMachine,
} from '../support/running-environment.ts';
import { startTelemetryCollector, type TelemetryCollector, type TelemetryItem } from '../support/telemetry-collector.ts';

let collector: TelemetryCollector;
const running = useRunningEnvironment({
  prepare: async (directory) => {
    collector = await startTelemetryCollector(join(directory, 'certificates'));
    return collector.settings;
  },
});
afterAll(() => collector.stop());

/** Whoever wants another secret looked for plants it here, and uses its value below. */
const planted = {
  password: plantSecret('a password in the body'),
  accountKey: plantSecret('a key in a connection string in the body', storageKey),
  filter: plantSecret('a key in the query', storageKey),
  justification: plantSecret('a password in the justification'),
  reason: plantSecret('a password in the reason of a vote'),
  header: plantSecret('a header of the request', storageKey),
  cookie: plantSecret('a cookie', storageKey),
  userAgent: plantSecret('a user agent', storageKey),
  traceState: plantSecret('a tracestate', storageKey),
  requestId: plantSecret('a client request id that is none', storageKey),
  trace: plantSecret('a traceparent that is none', storageKey),
  token: plantSecret('a token that is none', storageKey),
  unparsable: plantSecret('a body that is no JSON'),
  unknownField: plantSecret('a field that nobody knows'),
  activity: plantSecret('an activity of Teams that nobody sent'),
  azureError: plantSecret('an error of Azure', storageKey),
  denied: plantSecret('the body of what is denied'),
};
const secrets = Object.values(planted);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-00`;

/** Spans only come once the SDK is loaded, which nothing waits for. */
async function awaitTelemetry(): Promise<void> {
  await until(async () => {
    await fetch(`${running().endpoints.api}/health`);
    return collector.items().length > 0;
  });
}

const spansOf = (operationId: string): readonly TelemetryItem[] =>
  collector.items().filter(({ data }) => data.baseData.properties?.['countersign.operation.id'] === operationId);
const nameOf = ({ data }: TelemetryItem) => data.baseData.name;

/** As many people as it takes. */
async function approved({ api }: RunningEnvironment, id: string, reason: string): Promise<void> {
  const digest = await api.awaitApprovalDigest(id);
  const required = (await api.read('auditor', id)).operation().decision.approval?.required ?? 0;
  for (const person of ['approver-1', 'approver-2'].slice(0, required)) {
    expect((await api.vote(person, id, 'approve', digest, reason)).status).toBe(200);
  }
}

async function linesOfTables(connectionString: string): Promise<readonly SearchedPlace[]> {
  const places: SearchedPlace[] = [];
  for (const name of Object.values(tableNames)) {
    const table = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
    for await (const row of table.listEntities()) places.push({ name: `table ${name}`, text: JSON.stringify(row) });
  }
  const container = new ContainerClient(connectionString, documentContainerName);
  for await (const { name } of container.listBlobsFlat()) {
    const content = await container.getBlobClient(name).downloadToBuffer();
    places.push({ name: 'blobs', text: `${name} ${content.toString('utf8')}` });
  }
  return places;
}

async function contentsOf(directory: string, name: string): Promise<readonly SearchedPlace[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(files.map(async (file) => ({ name, text: await readFile(file, 'utf8') })));
}

/** Everything that a run leaves behind, but what Azure itself was given. */
async function placesOf({ lines, directory, storageConnectionString }: RunningEnvironment): Promise<readonly SearchedPlace[]> {
  return [
    { name: 'log', text: lines.join('\n') },
    { name: 'telemetry', text: collector.received().join('\n') },
    ...(await linesOfTables(storageConnectionString)),
    ...(await contentsOf(join(directory, 'service-bus'), 'queues')),
  ];
}

describe('a whole run with telemetry', () => {
  it('is one trace from the submission to the execution, with the id of the operation', async () => {
    const environment = running();
    await awaitTelemetry();
    const body = {
      location: 'westeurope',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      properties: {
        // What is large lies in a blob.
        description: 'Nothing special. '.repeat(4_000),
        adminPassword: planted.password.value,
        connectionString: `DefaultEndpointsProtocol=https;AccountName=stplanted;AccountKey=${planted.accountKey.value};EndpointSuffix=core.windows.net`,
      },
    };
    const target = { method: 'PUT', path: storageAccount(production, 'stplanted'), apiVersion: storageVersion, body };
    const submitted = await environment.api.submit(
      'deploy-agent',
      target,
      {
        traceparent,
        tracestate: `planted=${planted.traceState.value}`,
        'x-api-key': planted.header.value,
        cookie: `session=${planted.cookie.value}`,
        'user-agent': planted.userAgent.value,
      },
      `It is needed. password=${planted.justification.value}`,
    );
    const { id } = submitted.operation();
    await approved(environment, id, `I looked. password=${planted.reason.value}`);
    await environment.api.awaitStatus(id, 'succeeded');

    const expected = [
      'POST api/operations',
      'process approval-requests',
      'process executions',
      'process changes',
      'call Azure Resource Manager',
    ];
    await until(async () => {
      const names = spansOf(id)
        .filter(({ tags }) => tags['ai.operation.id'] === traceId)
        .map(nameOf);
      return expected.every((name) => names.includes(name));
    });
    const spans = spansOf(id).filter(({ tags }) => tags['ai.operation.id'] === traceId);
    const submit = spans.find((span) => nameOf(span) === 'POST api/operations');
    const isUnderSubmit = (span: TelemetryItem) => span.tags['ai.operation.parentId'] === submit?.data.baseData.id;
    const sent = spans.filter((span) => nameOf(span) === 'send messages' && isUnderSubmit(span));
    const purposes = sent.map(({ data }) => data.baseData.properties?.['countersign.purposes']);
    // What the vote brought about belongs to the operation, though the voter's request is another trace.
    expect(purposes).toEqual(expect.arrayContaining([expect.stringContaining('requestApproval'), expect.stringContaining('execute')]));
    const effect = environment.effectsOn('stplanted');
    expect(effect).toHaveLength(1);
  });

  it('counts what came of it', async () => {
    const metrics = () =>
      collector
        .items()
        .flatMap(({ data: { baseData } }) =>
          (baseData.metrics ?? []).map(({ name }) => `${name} ${Object.values(baseData.properties ?? {}).join(' ')}`),
        );
    await until(async () => metrics().some((metric) => metric.startsWith('countersign.execution.duration')));
    expect(metrics()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^countersign\.operation\.transitions awaitingApproval (high|medium)$/),
        expect.stringMatching(/^countersign\.operation\.transitions succeeded (high|medium)$/),
        expect.stringMatching(/^countersign\.decision\.duration approved /),
        expect.stringMatching(/^countersign\.queue\.message\.age executions$/),
        expect.stringMatching(/^countersign\.masked_values result$/),
      ]),
    );
  });

  it('leaves no secret behind, whatever fails', async () => {
    const environment = running();
    const { api, endpoints, resourceManager } = environment;
    const submitRaw = (body: string, headers: Readonly<Record<string, string>>) =>
      fetch(`${endpoints.api}/operations`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    const authorization = `Bearer ${await api.tokenOf('deploy-agent')}`;
    const reading = { kind: 'arm', method: 'GET', path: storageAccount(development, 'stdevdata'), apiVersion: storageVersion };
    const refusals = [
      await submitRaw(`{"target": {"password": ${planted.unparsable.value}`, { authorization }),
      await submitRaw(JSON.stringify({ target: { ...reading, password: planted.unknownField.value }, justification: 'x' }), {
        authorization,
      }),
      await submitRaw('{}', { authorization: `Bearer ${planted.token.value}` }),
      await submitRaw(JSON.stringify({ target: reading, justification: 'x' }), {
        authorization,
        'x-ms-client-request-id': planted.requestId.value.repeat(2),
        traceparent: planted.trace.value,
      }),
      await fetch(`${endpoints.api}/messages`, { method: 'POST', body: JSON.stringify({ type: 'message', text: planted.activity.value }) }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([400, 400, 401, 400, 401]);

    const restarting = `${virtualMachine(development, 'vm-dev-1')}/restart`;
    const message = `The key AccountKey=${planted.azureError.value} was refused.`;
    resourceManager.faults.inject({ name: 'failLongRunning', code: 'Conflict', message });
    const restart = (await api.submit('deploy-agent', { method: 'POST', path: restarting, apiVersion: computeVersion })).operation();
    if (restart.status === 'awaitingApproval') await approved(environment, restart.id, 'x');
    await api.awaitStatus(restart.id, 'failed');
    const filter = `tagName eq 'AccountKey=${planted.filter.value}'`;
    const listing = { method: 'GET', path: `${development}/resources`, apiVersion: groupVersion, query: { $filter: filter } };
    const listed = (await api.submit('deploy-agent', listing)).operation();
    await api.awaitOperation(listed.id, ({ next }) => next !== 'wait');

    const own = `${production.replace('rg-prod', 'rg-countersign')}/providers/Microsoft.Storage/storageAccounts/stown`;
    const body = { location: 'westeurope', properties: { adminPassword: planted.denied.value } };
    const denied = (await api.submit('deploy-agent', { method: 'PUT', path: own, apiVersion: storageVersion, body })).operation();
    expect(denied.status).toBe('denied');

    await until(async () => [restart.id, denied.id].every((id) => spansOf(id).length > 0));
    const places = await placesOf(environment);
    expect(findPlanted(secrets, places)).toEqual([]);
    // What is no secret is found in each of them, so that they were looked through.
    expect(places.map(({ name }) => name)).toContain('blobs');
    const known = findPlanted([{ name: 'restart', value: restart.id }], places);
    expect(known).toEqual(
      expect.arrayContaining([
        'log: restart',
        'telemetry: restart',
        'table operations: restart',
        'table operationIndex: restart',
        'queues: restart',
      ]),
    );
  });
});

describe('health', () => {
  it('tells who may audit of each dependency', async () => {
    const { api, endpoints } = running();
    await until(async () => (await fetch(`${endpoints.api}/health`)).status === 200);
    const details = (await api.send('auditor', 'GET', '/health')).text;
    expect(JSON.parse(details)).toMatchObject({
      status: 'up',
      dependencies: [
        { name: 'storage', status: 'up' },
        { name: 'messages', status: 'up' },
        { name: 'azureResourceManager', status: 'up' },
        { name: 'microsoftGraph', status: 'up' },
        { name: 'keyVault kv-dev-1', status: 'up' },
        { name: 'keyVault kv-prod-1', status: 'up' },
        { name: 'telemetry', status: 'up' },
      ],
    });
    expect((await api.send('deploy-agent', 'GET', '/health')).errorCode()).toBe('PersonRequired');
    expect(findPlanted(secrets, [{ name: 'health', text: details }])).toEqual([]);
  });
});

describe('an endpoint of telemetry that never answers', () => {
  it('holds up neither an operation nor the end of the host', async () => {
    const { api, host, outages } = running();
    collector.answer('never');
    const reading = { method: 'GET', path: storageAccount(development, 'stdevdata'), apiVersion: storageVersion };
    const { id } = (await api.submit('deploy-agent', reading)).operation();
    await api.awaitStatus(id, 'succeeded');
    await until(async () => collector.held() > 0);
    const { id: next } = (await api.submit('deploy-agent', reading)).operation();
    await api.awaitStatus(next, 'succeeded');

    await outages.functions.stop();
    expect(await host.exited).toEqual({ code: 0, signal: null });
  });
});
