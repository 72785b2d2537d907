import type { HttpHandler } from '@azure/functions';
import type { TeamsAnswer, TeamsRequest } from '../shared/adapters/teams/teams-endpoint.ts';
import { maxBodyBytes } from '../shared/contracts/operation-request.ts';

export type TeamsHandlerDeps = { readonly endpoint: (request: TeamsRequest) => Promise<TeamsAnswer> };

/** `POST /api/messages`: the bot's endpoint. What arrives is hostile until the endpoint has checked the Bot Connector's signature. */
export function makeTeamsMessagesHandler(deps: TeamsHandlerDeps): HttpHandler {
  return async (request) => {
    if (Number(request.headers.get('content-length') ?? '0') > maxBodyBytes) return { status: 413 };
    const headers = Object.fromEntries(request.headers.entries());
    const { status, body } = await deps.endpoint({ headers, body: new Uint8Array(await request.arrayBuffer()) });
    return body === undefined ? { status } : { status, jsonBody: body };
  };
}
