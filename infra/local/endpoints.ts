import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writePrivately } from './private-files.ts';

const schema = z.object({
  /** Base of the public API: operations are submitted to `${api}/operations`. */
  api: z.url(),
  /** The Agents Playground, as approver-1 sees the approvers' conversation. */
  teams: z.url(),
  /** The same conversation as approver-2 sees it. */
  teamsOfApprover2: z.url(),
  /** The identity stand-in: token endpoint, Graph, managed identity endpoint. */
  identity: z.url(),
  /** The OpenID Connect issuer of every token for the API. */
  issuer: z.url(),
  /** The Azure Resource Manager stand-in; https, by the authority in `certificateAuthority`. */
  arm: z.url(),
  /** The vaults of rg-dev and rg-prod; https, too. Not every system finds names below localhost: curl takes --resolve. */
  vaults: z.object({ dev: z.url(), prod: z.url() }),
  /** Path of the local certificate authority, for NODE_EXTRA_CA_CERTS or curl's --cacert. */
  certificateAuthority: z.string(),
  /** Path of the passwords and secrets of the seeded identities. */
  credentials: z.string(),
  tableStorage: z.url(),
  blobStorage: z.url(),
  serviceBus: z.string(),
  /** Process id of `npm start`. */
  pid: z.number().int(),
});

/** Where everything of a running local environment answers: the content of `.local/endpoints.json`. */
export type Endpoints = z.output<typeof schema>;

export const endpointsFile = 'endpoints.json';

/** Where the addresses of the last run are kept after its end, so that the next one takes the same ports. */
export const lastEndpointsFile = 'last-endpoints.json';

export function writeEndpoints(directory: string, endpoints: Endpoints): void {
  writePrivately(join(directory, endpointsFile), `${JSON.stringify(endpoints, null, 2)}\n`);
}

/** Takes the addresses away at the end of a run: whoever reads them afterwards learns that nothing answers there. */
export function retireEndpoints(directory: string): void {
  const path = join(directory, endpointsFile);
  if (existsSync(path)) renameSync(path, join(directory, lastEndpointsFile));
}

/** What was last written, whether it still runs, was killed, or has ended. */
export function readLastEndpoints(directory: string): Endpoints | undefined {
  return readEndpoints(directory) ?? readEndpoints(directory, lastEndpointsFile);
}

/** What was written by an environment that has not ended in order: it runs, or was killed. */
export function readEndpoints(directory: string, file = endpointsFile): Endpoints | undefined {
  const text = readIfPresent(join(directory, file));
  const parsed = text === undefined ? undefined : schema.safeParse(parseOrNothing(text));
  return parsed?.success ? parsed.data : undefined;
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The environment of this directory where its process lives and its API answers. */
export async function findRunning(directory: string): Promise<Endpoints | undefined> {
  const endpoints = readEndpoints(directory);
  if (endpoints === undefined || !isAlive(endpoints.pid)) return undefined;
  try {
    await fetch(`${endpoints.api}/health`);
    return endpoints;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
