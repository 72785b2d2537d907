import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Endpoints } from './endpoints.ts';

const usualPorts = {
  api: 7071,
  identity: 7081,
  arm: 7082,
  keyVault: 7083,
  serviceBus: 5672,
  blob: 10000,
  queue: 10001,
  table: 10002,
  teams: 56150,
  teamsProxy: 3979,
} as const;

/** A loopback port for each part; 0 lets the part take any that is free, which is only for parts that nobody starts again at their address. */
export type Ports = Readonly<Record<keyof typeof usualPorts, number>>;

/** `usual`: the ports of the last run where they are free, so that addresses survive a restart; else the usual ones; else any. `free`: any. */
export async function choosePorts(which: 'usual' | 'free', last: Endpoints | undefined): Promise<Ports> {
  const wanted: Partial<Ports> = which === 'usual' ? { ...usualPorts, ...portsOf(last) } : {};
  const preferred = async (name: keyof Ports) => ((await isFree(wanted[name] ?? 0)) ? (wanted[name] ?? 0) : 0);
  const kept = async (name: keyof Ports) => (await preferred(name)) || (await portToKeep());
  const teams = await preferred('teams');
  return {
    api: await kept('api'),
    identity: await preferred('identity'),
    arm: await kept('arm'),
    keyVault: await preferred('keyVault'),
    serviceBus: await kept('serviceBus'),
    blob: await kept('blob'),
    queue: await kept('queue'),
    table: await kept('table'),
    // The second approver's page takes the port after the first one's.
    teams: teams !== 0 && (await isFree(teams + 1)) ? teams : 0,
    teamsProxy: await preferred('teamsProxy'),
  };
}

/** Starts a part on the port that was chosen for it, or on any where somebody else took that one meanwhile. */
export async function onPortOrAny<Part>(port: number, start: (port: number) => Promise<Part>): Promise<Part> {
  try {
    return await start(port);
  } catch (error) {
    if (port === 0 || !(error instanceof Error) || !error.message.includes('EADDRINUSE')) throw error;
    return await start(0);
  }
}

/** The port that an address names; 0 where it names none. */
export function portOf(address: string): number {
  return Number(new URL(address).port);
}

function portsOf(last: Endpoints | undefined): Partial<Ports> {
  if (last === undefined) return {};
  return {
    api: portOf(last.api),
    identity: portOf(last.identity),
    arm: portOf(last.arm),
    keyVault: portOf(last.vaults.dev),
    teams: portOf(last.teams),
  };
}

async function isFree(port: number): Promise<boolean> {
  return port !== 0 && (await listenOn(port)) === port;
}

/** Where systems take ports from for connections and for whoever asks for any: from 32768 on Linux, from 49152 elsewhere. */
const ephemeralFrom = 32_768;

/**
 * A free port that stays free until somebody asks for it by number: below those that the system hands out, so that it can be told to
 * others before its server listens, and be taken again when that server is started again.
 */
export async function portToKeep(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, ephemeralFrom);
    if (await isFree(port)) return port;
  }
}

/** Takes a port for a moment and says which; undefined where it is taken. */
async function listenOn(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
