import { describe, expect, it } from 'vitest';
import { readCommand } from '../../../infra/dead-letters/dead-letter-arguments.ts';

describe('what cannot be meant', () => {
  it.each([
    [[], 'Say what to do'],
    [['purge'], '"purge" is not list, show or redrive'],
    [['list', 'executions/1'], '"list" is not list'],
    [['list', '--all'], '"list" is not list'],
    [['show'], 'show takes an ID.'],
    [['show', '--all'], 'show takes an ID.'],
    [['redrive'], 'redrive takes an ID, or --all.'],
    [['redrive', 'executions/1', '--all'], 'redrive takes an ID, or --all.'],
    [['redrive', 'executions/1', 'executions/2'], '"executions/2" is too much.'],
    [['show', 'executions'], '"executions" is no ID'],
    [['show', 'elsewhere/1'], '"elsewhere/1" is no ID'],
    [['show', 'executions/0'], '"executions/0" is no ID'],
    [['show', 'executions/1e3'], '"executions/1e3" is no ID'],
    [['show', 'executions/1', '--queue', 'checks'], 'An ID names its place'],
    [['list', '--queue', 'elsewhere'], 'There is no queue "elsewhere"'],
    [['list', '--queue'], '--queue'],
    [['list', '--force'], '--force'],
    [['list', '--namespace', 'https://bus.servicebus.windows.net'], 'is not the host name of a namespace'],
    [['list', '--namespace', 'bus.servicebus.windows.net', '--directory', '.local'], 'exclude each other'],
  ])('is named: %j', (args, problem) => {
    const command = readCommand(args);
    expect(command.kind === 'unclear' ? command.problem : command.kind).toContain(problem);
  });
});

describe('what is meant', () => {
  it('is help before everything else', () => {
    expect(readCommand(['--help'])).toEqual({ kind: 'help' });
    expect(readCommand(['show', '-h'])).toEqual({ kind: 'help' });
  });

  it('is every queue unless one is named', () => {
    expect(readCommand(['list'])).toMatchObject({
      kind: 'list',
      places: ['approval-requests', 'executions', 'checks', 'changes', 'notices', 'set-aside'],
      json: false,
    });
    expect(readCommand(['redrive', '--all', '--queue', 'checks', '--json'])).toMatchObject({
      kind: 'redriveAll',
      places: ['checks'],
      json: true,
    });
  });

  it('is one letter', () => {
    expect(readCommand(['redrive', 'approval-requests/12'])).toMatchObject({
      kind: 'redrive',
      place: 'approval-requests',
      id: 'approval-requests/12',
    });
  });

  it('is the cloud where a namespace is named', () => {
    expect(readCommand(['list', '--namespace', 'bus.servicebus.windows.net'])).toMatchObject({
      where: { kind: 'cloud', namespace: 'bus.servicebus.windows.net' },
    });
    expect(readCommand(['list', '--directory', '/data'])).toMatchObject({ where: { kind: 'local', directory: '/data' } });
  });
});
