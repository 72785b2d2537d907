import { describe, expect, it } from 'vitest';
import { maxBodyValues } from '../../shared/contracts/operation-request.ts';
import { actionOf } from '../../shared/domain/action.ts';
import { type ParsedArmRequest, parseArmRequest } from '../../shared/domain/arm-request.ts';
import type { TargetFacts } from '../../shared/domain/assessment.ts';
import { instant } from '../../shared/domain/instant.ts';
import { JsonError, type JsonValue, parseJson } from '../../shared/domain/json.ts';
import { assess } from '../../shared/domain/risk/assess.ts';
import { type LargeBody, largeBodies } from '../support/large-bodies.ts';
import { unreadScripts } from '../support/unread-scripts.ts';

const mebibyte = 1024 * 1024;
const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers';

/** What a body becomes on its way: values, or the refusal that it meets. */
function judged(bytes: Uint8Array, path: string, current: JsonValue | undefined, maxValues: number): unknown {
  try {
    const body = parseJson(bytes, maxValues);
    const { request, path: read }: ParsedArmRequest = parseArmRequest({
      method: 'PUT',
      path,
      apiVersion: '2024-01-01',
      query: {},
      headers: {},
      body,
    });
    const facts: TargetFacts = {
      existence: 'present',
      scopes: [{ scope: read.resourceId, tags: { env: 'dev' } }],
      readAt: instant('2026-11-21T20:12:00.000Z'),
      ...(current === undefined ? {} : { current }),
    };
    return assess(request, read, actionOf('PUT', read), facts, unreadScripts);
  } catch (error) {
    if (error instanceof JsonError) return error.code;
    throw error;
  }
}

/** Processor time in milliseconds: what others do on the machine counts less in it than in time that passes. */
function costOf(length: number, { text, type }: LargeBody): number {
  const bytes = new TextEncoder().encode(text(length));
  const current: JsonValue = JSON.parse(text(length));
  const before = process.cpuUsage();
  judged(bytes, `${group}/${type}`, current, Number.POSITIVE_INFINITY);
  return process.cpuUsage(before).user / 1000;
}

const small = 16_384;
const factor = 8;

/** Below this the cost of a small body is noise. */
const smallestCost = 5;

/** Work that grows with the square of the length would cost sixty-four times as much; linear work costs eight times as much, give or take. */
const tooMuch = 24;

describe('eight times the body costs no more than a few times as much', () => {
  it.each(largeBodies.map((body) => [body.kind, body] as const))('%s', (_, body) => {
    const one = Math.max(costOf(small, body), smallestCost);
    // The least of a few looks counts, since other things run too; one that is small enough suffices.
    let least = Number.POSITIVE_INFINITY;
    for (let look = 0; look < 3 && least >= tooMuch; look += 1) least = Math.min(least, costOf(small * factor, body) / one);
    expect(least).toBeLessThan(tooMuch);
  });
});

it.each(largeBodies.map((body) => [body.kind, body] as const))(
  'a body of 4 MiB, as the edge takes it, is judged or refused: %s',
  (_, { text, type }) => {
    const outcome = judged(new TextEncoder().encode(text(4 * mebibyte)), `${group}/${type}`, undefined, maxBodyValues);
    expect(typeof outcome === 'string' || typeof outcome === 'object').toBe(true);
  },
);
