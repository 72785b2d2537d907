import { portOf, portToKeep } from '../choose-ports.ts';
import { type FunctionsHost, type FunctionsHostOptions, startFunctionsHost } from './start.ts';

export type HostGroupOptions = Omit<FunctionsHostOptions, 'port' | 'timers' | 'onLine'> & {
  /** The port of each host, 0 for any that is free; there are as many hosts as ports. */
  readonly ports: readonly number[];
  /** Gets every line that a host and its functions write. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr', host: number) => void;
};

/** Several hosts on the same queues and tables, as an app that has scaled out. Hosts are named by their place, from 0. */
export type HostGroup = {
  /** The hosts as they are now. */
  readonly hosts: () => readonly FunctionsHost[];
  /** Ends one at once, whatever it does, as a crash does. */
  readonly kill: (host: number) => Promise<void>;
  /** Starts one again that has ended, at its address; resolves when it listens. Does nothing where it runs. */
  readonly restart: (host: number) => Promise<void>;
  /** Lets running invocations end, then ends every process. */
  readonly stop: () => Promise<void>;
};

type Member = { readonly host: FunctionsHost; isRunning: boolean };

/**
 * Starts several hosts. As in the cloud, where a lease sees to it, a timer runs on one host only: the first. Rejects, with all of them
 * ended, where one does not come up. A host keeps nothing of its own on disk.
 */
export async function startHostGroup(options: HostGroupOptions): Promise<HostGroup> {
  const starting = options.ports.map(async (port, index) => startMember(options, index, port === 0 ? await portToKeep() : port));
  const outcomes = await Promise.allSettled(starting);
  const members = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(members.map(({ host }) => host.kill()));
    throw failed.reason;
  }
  const memberAt = (index: number): Member => {
    const member = members[index];
    if (member === undefined) throw new RangeError(`there is no host ${index}`);
    return member;
  };
  return {
    hosts: () => members.map(({ host }) => host),
    kill: (index) => memberAt(index).host.kill(),
    restart: async (index) => {
      const member = memberAt(index);
      if (!member.isRunning) members[index] = await startMember(options, index, portOf(member.host.address));
    },
    stop: async () => {
      await Promise.all(members.map(({ host }) => host.stop()));
    },
  };
}

async function startMember(options: HostGroupOptions, index: number, port: number): Promise<Member> {
  const { ports: _, onLine, ...common } = options;
  const host = await startFunctionsHost({
    ...common,
    port,
    timers: index === 0,
    ...(onLine === undefined ? {} : { onLine: (line, stream) => onLine(line, stream, index) }),
  });
  const member: Member = { host, isRunning: true };
  void host.exited.then(() => {
    member.isRunning = false;
  });
  return member;
}
