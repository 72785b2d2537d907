import type { HttpHandler } from '@azure/functions';

export type HealthDeps = { readonly probes: Readonly<Record<string, () => Promise<unknown>>> };

/** `GET /api/health`: anonymous, so it says up or down and nothing else. */
export function makeReadHealthHandler({ probes }: HealthDeps): HttpHandler {
  return async () => {
    const results = await Promise.allSettled(Object.values(probes).map((probe) => probe()));
    const up = results.every((result) => result.status === 'fulfilled');
    return { status: up ? 200 : 503, headers: { 'cache-control': 'no-store' }, jsonBody: { status: up ? 'up' : 'down' } };
  };
}
