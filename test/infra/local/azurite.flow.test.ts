import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../../infra/local/azurite.ts';

const wellKnownKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

describe('a running storage emulator', () => {
  let directory: string;
  let azurite: Azurite;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'azurite-'));
    azurite = await startAzurite({ directory, data: 'memory' });
  });
  afterAll(async () => {
    await azurite.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('does not take the key that everybody knows', async () => {
    const guessing = new AzureNamedKeyCredential(azurite.accountName, wellKnownKey);
    const stranger = new TableClient(azurite.tableEndpoint, 'operations', guessing, { allowInsecureConnection: true });
    await expect(stranger.createTable()).rejects.toMatchObject({ name: 'RestError', statusCode: 403 });
  });

  it('keeps its port: another says why it does not start', async () => {
    const port = Number(new URL(azurite.blobEndpoint).port);
    await expect(startAzurite({ directory: join(directory, 'two'), ports: { blob: port } })).rejects.toThrow('EADDRINUSE');
  });

  it('finds what a filter means, whether or not it names one partition', async () => {
    const table = TableClient.fromConnectionString(azurite.connectionString, 'rows', { allowInsecureConnection: true });
    await table.createTable();
    for (const [partitionKey, rowKey] of [
      ["it's", 'a'],
      ["it's", 'b'],
      ['other', 'a'],
    ] as const)
      await table.createEntity({ partitionKey, rowKey });
    const found = async (filter: string): Promise<readonly string[]> => {
      const rows: string[] = [];
      for await (const { partitionKey, rowKey } of table.listEntities({ queryOptions: { filter } })) rows.push(`${partitionKey}/${rowKey}`);
      return rows;
    };
    expect(await found("PartitionKey eq 'nobody'")).toEqual([]);
    expect(await found("PartitionKey eq 'it''s'")).toEqual(["it's/a", "it's/b"]);
    expect(await found("PartitionKey eq 'it''s' and RowKey ge 'b' and RowKey le 'c'")).toEqual(["it's/b"]);
    expect(await found("PartitionKey eq 'it''s' and RowKey eq 'b' or PartitionKey eq 'other'")).toEqual(["it's/b", 'other/a']);
    expect(await found("not (PartitionKey eq 'it''s')")).toEqual(['other/a']);
    expect(await found("PartitionKey ge 'it''s' and RowKey eq 'a'")).toEqual(["it's/a", 'other/a']);
  });

  it('keeps its key from other users of the machine', () => {
    expect(statSync(join(directory, 'account.json')).mode & 0o777).toBe(0o600);
  });
});

describe('the storage emulator', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'azurite-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps rows, blobs and the account from one start to the next', async () => {
    const first = await startAzurite({ directory });
    const table = TableClient.fromConnectionString(first.connectionString, 'kept', { allowInsecureConnection: true });
    await table.createTable();
    await table.createEntity({ partitionKey: 'a', rowKey: 'b', text: 'row' });
    const container = BlobServiceClient.fromConnectionString(first.connectionString).getContainerClient('kept');
    await container.create();
    await container.getBlockBlobClient('a').uploadData(Buffer.from('blob'));
    await first.stop();

    const second = await startAzurite({ directory });
    try {
      const row = await TableClient.fromConnectionString(second.connectionString, 'kept', { allowInsecureConnection: true }).getEntity(
        'a',
        'b',
      );
      const blob = await BlobServiceClient.fromConnectionString(second.connectionString)
        .getContainerClient('kept')
        .getBlobClient('a')
        .downloadToBuffer();
      expect([row['text'], blob.toString()]).toEqual(['row', 'blob']);
    } finally {
      await second.stop();
    }
  });

  it('ends when the process that started it is killed', async () => {
    const azurite = new URL('../../../infra/local/azurite.ts', import.meta.url).href;
    const program = `const { startAzurite } = await import('${azurite}');
      const { pid, tableEndpoint } = await startAzurite({ directory: ${JSON.stringify(directory)} });
      console.log(JSON.stringify({ pid, tableEndpoint }));`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const { tableEndpoint } = JSON.parse(String(line));
    parent.kill('SIGKILL');
    await expect
      .poll(
        () =>
          fetch(tableEndpoint).then(
            () => 'answers',
            () => 'gone',
          ),
        { timeout: 45_000 },
      )
      .toBe('gone');
  });
});
