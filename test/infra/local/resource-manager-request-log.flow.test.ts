import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRequestLog } from '../../../infra/local/resource-manager/request-log.ts';

const entry = {
  receivedAt: '2026-01-01T00:00:00.000Z',
  method: 'GET',
  url: '/subscriptions?api-version=2025-04-01',
  principalId: null,
  status: 401,
  effect: null,
  clientRequestId: null,
  correlationId: 'corr-1',
  requestId: 'req-1',
  bodySha256: null,
  bodySizeBytes: 0,
  operationId: null,
  faults: [],
};

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'request-log-'));
  path = join(directory, 'requests.ndjson');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('the request log', () => {
  it('refuses a file whose whole lines are not its own', () => {
    openRequestLog(path);
    appendFileSync(path, '{"sequence":1}\n');
    expect(() => openRequestLog(path)).toThrow();
  });

  it('takes the lines of an older one, which knew of no operations and no faults', () => {
    openRequestLog(path);
    const { operationId: _, faults: __, ...older } = entry;
    appendFileSync(path, `${JSON.stringify({ sequence: 1, ...older })}\n`);
    expect(openRequestLog(path).after(0)).toEqual([{ sequence: 1, ...entry }]);
  });

  it('drops the line that a crash tore, and counts on', () => {
    openRequestLog(path).append(entry);
    appendFileSync(path, '{"sequence":2,"recei');
    const reopened = openRequestLog(path);
    reopened.append({ ...entry, method: 'PUT' });
    expect(reopened.after(0).map(({ sequence, method }) => [sequence, method])).toEqual([
      [1, 'GET'],
      [2, 'PUT'],
    ]);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });
});
