import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { HostFailure } from './failure.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type HostSettings = {
  /** The folder that holds host.json. */
  readonly appDirectory: string;
  /** Without slashes at its ends; empty when routes stand alone. */
  readonly routePrefix: string;
  /** Undefined: invocations may run for ever. */
  readonly functionTimeoutMs: number | undefined;
  readonly serviceBus: {
    readonly maxConcurrentCalls: number;
    readonly autoCompleteMessages: boolean;
    readonly maxAutoLockRenewalDurationMs: number;
  };
};

const hostJson = z.object({
  version: z.literal('2.0'),
  functionTimeout: z.string().nullish(),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().optional() }).optional(),
      serviceBus: z
        .object({
          maxConcurrentCalls: z.coerce.number().int().min(1).optional(),
          autoCompleteMessages: z.stringbool().or(z.boolean()).optional(),
          maxAutoLockRenewalDuration: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
});

/** The longest a function runs where host.json says nothing (Flex Consumption). */
const defaultFunctionTimeoutMs = 30 * 60_000;
const defaultLockRenewalMs = 5 * 60_000;

/**
 * Reads the host.json nearest above the entry module. As in the cloud, a setting `AzureFunctionsJobHost__a__b` overrides `a.b`.
 * Throws `invalidHostJson`.
 */
export function readHostSettings(entryPath: string, env: Environment): HostSettings {
  const { directory, text } = findHostJson(dirname(entryPath));
  const parsed = hostJson.safeParse(withOverrides(parseJson(text, directory), env));
  if (!parsed.success) {
    throw new HostFailure('invalidHostJson', `host.json in ${directory}: ${z.prettifyError(parsed.error)}`);
  }
  const { functionTimeout, extensions } = parsed.data;
  const serviceBus = extensions?.serviceBus;
  return {
    appDirectory: directory,
    routePrefix: (extensions?.http?.routePrefix ?? 'api').replace(/^\/+|\/+$/g, ''),
    functionTimeoutMs: timeoutOf(functionTimeout ?? undefined),
    serviceBus: {
      maxConcurrentCalls: serviceBus?.maxConcurrentCalls ?? 16 * availableParallelism(),
      autoCompleteMessages: serviceBus?.autoCompleteMessages ?? true,
      maxAutoLockRenewalDurationMs:
        serviceBus?.maxAutoLockRenewalDuration === undefined ? defaultLockRenewalMs : parseTimeSpan(serviceBus.maxAutoLockRenewalDuration),
    },
  };
}

/** Milliseconds of a .NET TimeSpan written `[d.]hh:mm:ss[.fff]`. Throws `invalidHostJson`. */
export function parseTimeSpan(text: string): number {
  const match = /^(?:(\d{1,8})\.)?([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)(?:\.(\d{1,7}))?$/.exec(text);
  if (match === null) {
    throw new HostFailure('invalidHostJson', `host.json: "${text}" is not a time span ([d.]hh:mm:ss).`);
  }
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return wholeSeconds * 1000 + Math.round(Number(`0.${fraction}`) * 1000);
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) {
    return defaultFunctionTimeoutMs;
  }
  return text === '-1' ? undefined : parseTimeSpan(text);
}

function findHostJson(directory: string): { directory: string; text: string } {
  try {
    return { directory, text: readFileSync(join(directory, 'host.json'), 'utf8') };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
  const parent = dirname(directory);
  if (parent === directory) {
    throw new HostFailure('invalidHostJson', 'There is no host.json beside the entry module or above it.');
  }
  return findHostJson(parent);
}

function parseJson(text: string, directory: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HostFailure('invalidHostJson', `host.json in ${directory} is not JSON.`, { cause: error });
  }
}

function withOverrides(value: unknown, env: Environment): unknown {
  const prefix = 'azurefunctionsjobhost__';
  return Object.entries(env)
    .filter(([name, text]) => text !== undefined && name.toLowerCase().startsWith(prefix))
    .reduce((settings, [name, text]) => override(settings, name.slice(prefix.length).split('__'), text), value);
}

/** Names match without regard to case, as .NET's configuration does. */
function override(value: unknown, path: readonly string[], text: string | undefined): unknown {
  const [head, ...rest] = path;
  if (head === undefined) {
    return text;
  }
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const existing = members.find(([name]) => name.toLowerCase() === head.toLowerCase());
  return { ...Object.fromEntries(members), [existing?.[0] ?? head]: override(existing?.[1], rest, text) };
}
