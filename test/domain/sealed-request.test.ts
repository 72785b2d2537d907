import { describe, expect, it } from 'vitest';
import { ArmRequestError } from '../../shared/domain/arm-request.ts';
import type { JsonObject, JsonValue } from '../../shared/domain/json.ts';
import { requestDigest, sealedRequestJson } from '../../shared/domain/request-digest.ts';
import { readSealedRequest } from '../../shared/domain/sealed-request.ts';
import { sealed, target } from './sample-operation.ts';

const stored = sealedRequestJson(sealed);
const { agent, justification } = sealed.request;
const targetJson: JsonObject = { ...target, body: null, method: 'PUT' };

describe('a sealed document that is none of ours', () => {
  it.each<[string, JsonValue | undefined]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['no salt', { request: { agent, justification, target: targetJson } }],
    ['no agent', { salt: 's', request: { justification, target: targetJson } }],
    [
      'an agent without an issuer',
      { salt: 's', request: { agent: { id: 'a', name: 'b', tenantId: 'c' }, justification, target: targetJson } },
    ],
    ['no justification', { salt: 's', request: { agent, target: targetJson } }],
    ['no target', { salt: 's', request: { agent, justification } }],
    ['a number in the query', { salt: 's', request: { agent, justification, target: { ...targetJson, query: { top: 1 } } } }],
    ['no headers', { salt: 's', request: { agent, justification, target: { ...targetJson, headers: null } } }],
  ])('%s', (_, value) => {
    expect(() => readSealedRequest(value)).toThrow(TypeError);
  });

  it('a target that no submission could have had', () => {
    const forged: JsonValue = { salt: 's', request: { agent, justification, target: { ...targetJson, path: '/subscriptions/../x' } } };
    expect(() => readSealedRequest(forged)).toThrow(ArmRequestError);
  });
});

describe('a sealed document of ours', () => {
  it('is read back as what was sealed, with the same digest', () => {
    const read = readSealedRequest(stored).sealed;
    expect(read).toEqual(sealed);
    expect(requestDigest(read)).toBe(requestDigest(sealed));
  });

  it('keeps a body of null apart from none', () => {
    const put = { ...sealed, request: { ...sealed.request, target: { ...target, method: 'PUT' as const, body: null } } };
    expect(readSealedRequest(sealedRequestJson(put)).sealed.request.target).toHaveProperty('body', null);
    expect(readSealedRequest(stored).sealed.request.target).toHaveProperty('body', undefined);
  });
});
