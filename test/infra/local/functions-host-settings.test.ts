import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTimeSpan, readHostSettings } from '../../../infra/local/functions-host/host-settings.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'host-settings-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function read(hostJson: string, env: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(directory, 'host.json'), hostJson);
  return readHostSettings(join(directory, 'index.ts'), env);
}

describe('a host.json that is refused', () => {
  it.each([
    ['is no JSON', '{ version: 2 }'],
    ['has another version', '{ "version": "1.0" }'],
    ['allows no calls at all', '{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": 0 } } }'],
    ['has a timeout that is no time span', '{ "version": "2.0", "functionTimeout": "5m" }'],
    ['completes neither yes nor no', '{ "version": "2.0", "extensions": { "serviceBus": { "autoCompleteMessages": 3 } } }'],
  ])('%s', (_, hostJson) => {
    expect(() => read(hostJson)).toThrow(expect.objectContaining({ code: 'invalidHostJson' }));
  });

  it('is missing', () => {
    expect(() => readHostSettings('/index.ts', {})).toThrow(expect.objectContaining({ code: 'invalidHostJson' }));
  });
});

describe('host.json', () => {
  it('is found above the entry', () => {
    mkdirSync(join(directory, 'functions'));
    writeFileSync(join(directory, 'host.json'), '{ "version": "2.0" }');
    expect(readHostSettings(join(directory, 'functions', 'index.ts'), {}).appDirectory).toBe(directory);
  });

  it('has the defaults of the cloud', () => {
    expect(read('{ "version": "2.0" }')).toEqual({
      appDirectory: directory,
      routePrefix: 'api',
      functionTimeoutMs: 1_800_000,
      serviceBus: { maxConcurrentCalls: expect.any(Number), autoCompleteMessages: true, maxAutoLockRenewalDurationMs: 300_000 },
    });
  });

  it('says what it says', () => {
    const hostJson = {
      version: '2.0',
      functionTimeout: '00:10:00',
      extensions: {
        http: { routePrefix: '' },
        serviceBus: { maxConcurrentCalls: 8, autoCompleteMessages: false, maxAutoLockRenewalDuration: '00:05:30' },
      },
    };
    expect(read(JSON.stringify(hostJson))).toEqual({
      appDirectory: directory,
      routePrefix: '',
      functionTimeoutMs: 600_000,
      serviceBus: { maxConcurrentCalls: 8, autoCompleteMessages: false, maxAutoLockRenewalDurationMs: 330_000 },
    });
  });

  it('lets functions run for ever', () => {
    expect(read('{ "version": "2.0", "functionTimeout": "-1" }').functionTimeoutMs).toBeUndefined();
  });

  it('gives way to settings', () => {
    const settings = read('{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": 8 } } }', {
      AzureFunctionsJobHost__extensions__ServiceBus__maxConcurrentCalls: '2',
      azurefunctionsjobhost__extensions__serviceBus__autoCompleteMessages: 'false',
      AzureFunctionsJobHost__functionTimeout: '00:00:01',
    });
    expect(settings).toMatchObject({ functionTimeoutMs: 1_000, serviceBus: { maxConcurrentCalls: 2, autoCompleteMessages: false } });
  });
});

describe('a time span', () => {
  it.each([
    ['00:00:00', 0],
    ['00:05:00', 300_000],
    ['1.02:03:04', 93_784_000],
    ['00:00:00.25', 250],
  ])('%s', (text, expected) => {
    expect(parseTimeSpan(text)).toBe(expected);
  });

  it.each(['5', '00:60:00', '24:00:00', '-00:05:00', '00:05', ' 00:05:00'])('is not %s', (text) => {
    expect(() => parseTimeSpan(text)).toThrow(expect.objectContaining({ code: 'invalidHostJson' }));
  });
});
