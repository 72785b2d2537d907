import { z } from 'zod';
import { guid, orNothing, readPart } from './values.ts';

/** Where telemetry goes. `identity`: who sends it; absent where the key in the connection string is enough. */
export type TelemetrySettings = {
  readonly connectionString: string;
  readonly identity: { readonly clientId: string | undefined } | undefined;
};

/** Source: learn.microsoft.com/azure/azure-monitor/app/connection-strings; nothing is sent to an endpoint that nobody named. */
const telemetryConnection = z.string().refine((text) => {
  const parts = new Map(text.split(';').map((part) => [readPart(part).name, readPart(part).value]));
  const endpoint = parts.get('ingestionendpoint') ?? '';
  const isKey = guid.safeParse(parts.get('instrumentationkey')).success;
  return isKey && URL.canParse(endpoint) && new URL(endpoint).protocol === 'https:';
}, 'must have InstrumentationKey=<GUID> and IngestionEndpoint=https://…');

/** Source: learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string. */
const telemetryIdentity = z
  .string()
  .regex(/^Authorization=AAD(;ClientId=[0-9a-fA-F-]{36})?$/i, 'must be Authorization=AAD or Authorization=AAD;ClientId=<GUID>')
  .transform((text) => ({ clientId: text.split('=')[2] }));

export const telemetry = z.object({
  APPLICATIONINSIGHTS_CONNECTION_STRING: orNothing(telemetryConnection),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: orNothing(telemetryIdentity),
});

export function telemetryOf(settings: z.output<typeof telemetry>): TelemetrySettings | undefined {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString, APPLICATIONINSIGHTS_AUTHENTICATION_STRING: identity } = settings;
  return connectionString === undefined ? undefined : { connectionString, identity };
}
