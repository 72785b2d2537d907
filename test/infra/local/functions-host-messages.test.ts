import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { describe, expect, it } from 'vitest';
import { messageData, traceParentOf } from '../../../infra/local/functions-host/message-data.ts';

function message(properties: Partial<ServiceBusReceivedMessage>): ServiceBusReceivedMessage {
  return {
    body: Buffer.from('{}'),
    messageId: 'm-1',
    deliveryCount: 0,
    state: 'active',
    _rawAmqpMessage: { bodyType: 'data', body: undefined },
    ...properties,
  };
}

describe('a body that no function gets', () => {
  it.each([
    ['is not UTF-8', Buffer.from([0xc3, 0x28])],
    ['is an AMQP map', { a: 1 }],
    ['is absent', undefined],
  ])('%s', (_, body) => {
    expect(() => messageData(message({ body }), false)).toThrow(expect.objectContaining({ name: 'UnreadableBody' }));
  });
});

describe('a body', () => {
  it('is text, JSON or not', () => {
    expect(messageData(message({ body: Buffer.from('{"a":9007199254740993}') }), false).data).toEqual({ string: '{"a":9007199254740993}' });
    expect(messageData(message({ body: Buffer.from('é') }), false).data).toEqual({ string: 'é' });
    expect(messageData(message({ body: 'an AMQP string' }), false).data).toEqual({ string: 'an AMQP string' });
  });

  it('is bytes where the function asks for them', () => {
    expect(messageData(message({ body: Buffer.from([0xff]) }), true).data).toEqual({ bytes: Buffer.from([0xff]) });
  });
});

describe('metadata', () => {
  it('counts the first delivery as 1', () => {
    expect(messageData(message({ deliveryCount: 0 }), false).metadata['DeliveryCount']).toEqual({ json: '1' });
  });

  it('writes times as .NET does', () => {
    const { metadata } = messageData(
      message({ enqueuedTimeUtc: new Date('2026-03-01T10:00:00.120Z'), expiresAtUtc: new Date('2026-03-01T10:00:30.000Z') }),
      false,
    );
    expect(metadata).toMatchObject({
      EnqueuedTimeUtc: { json: '"2026-03-01T10:00:00.12"' },
      EnqueuedTime: { json: '"2026-03-01T10:00:00.12+00:00"' },
      ExpiresAtUtc: { json: '"2026-03-01T10:00:30"' },
    });
  });

  it('knows no time after the year 9999', () => {
    const { metadata } = messageData(message({ expiresAtUtc: new Date(8.64e15) }), false);
    expect(metadata['ExpiresAt']).toEqual({ json: '"9999-12-31T23:59:59.9999999+00:00"' });
  });

  it('leaves out what the message does not have', () => {
    expect(Object.keys(messageData(message({}), false).metadata)).toEqual([
      'DeliveryCount',
      'MessageId',
      'ApplicationProperties',
      'UserProperties',
    ]);
  });

  it("is overwritten by the body's members in any case, arrays and nulls left out", () => {
    const body = Buffer.from('{"MESSAGEID":"forged","flag":true,"nested":{"a":1},"list":[1],"none":null}');
    const { metadata } = messageData(message({ body }), false);
    expect(metadata).toMatchObject({ MessageId: { string: 'forged' }, flag: { string: 'True' }, nested: { json: '{"a":1}' } });
    expect(metadata).not.toHaveProperty('list');
    expect(metadata).not.toHaveProperty('none');
  });

  it('is not touched by the members of an array or of a body that is bytes', () => {
    expect(messageData(message({ body: Buffer.from('[{"MessageId":"forged"}]') }), false).metadata['MessageId']).toEqual({ string: 'm-1' });
    expect(messageData(message({ body: Buffer.from('{"MessageId":"forged"}') }), true).metadata['MessageId']).toEqual({ string: 'm-1' });
  });
});

describe("the sender's trace", () => {
  it.each([
    ['none', undefined, undefined],
    ['one that is no string', { traceparent: 5 }, undefined],
    ["that of Azure's clients", { 'Diagnostic-Id': 'a' }, 'a'],
    ["W3C's before it", { 'Diagnostic-Id': 'a', traceparent: 'b' }, 'b'],
  ])('%s', (_, applicationProperties, expected) => {
    expect(traceParentOf(message(applicationProperties === undefined ? {} : { applicationProperties }))).toBe(expected);
  });
});
