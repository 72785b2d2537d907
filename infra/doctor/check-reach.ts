import type { App } from './deployment.ts';
import { type Finding, saying } from './finding.ts';
import { ask, type Site, told } from './site.ts';

const reach = saying('reach');
const clock = saying('clock');

/** Tokens are taken this long before and after their times; a clock that is further off refuses good ones, or takes bad ones. */
const toleratedMs = 60_000;

/** Whether each app answers a stranger and is up, and whether its clock and ours agree. */
export async function checkReach(site: Site): Promise<readonly Finding[]> {
  return (await Promise.all(site.deployment.apps.map((app) => checkApp(site, app)))).flat();
}

async function checkApp(site: Site, { role, url }: App): Promise<readonly Finding[]> {
  const answer = await ask(site, `${url}/api/health`);
  if (answer.kind === 'failed') {
    const remedy = `Look whether ${url} is the app's address, whether the app runs (its log says why it does not start), and whether its network lets you in. On this machine: npm start.`;
    return [reach.wrong(role, `${url} ${told(answer)}`, remedy)];
  }
  return [reachOf(role, url, answer.status), clockOf(role, answer.headers.get('date'), site.nowMs())];
}

function reachOf(role: string, url: string, status: number): Finding {
  if (status === 200) return reach.good(role, `${url} is up`);
  return status === 503
    ? reach.wrong(
        role,
        `${url} says that it is down`,
        'Look below which of its dependencies is down; nothing can be taken until it is back.',
      )
    : reach.wrong(
        role,
        `${url} answered ${status}`,
        'Something else answers there, or the package is not deployed: deploy it again, and look at its functions.',
      );
}

function clockOf(role: string, date: string | null, nowMs: number): Finding {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs))
    return clock.unknown(role, 'its answer has no date', 'Look whether something stands before the app that removes it.');
  const offSeconds = Math.round(Math.abs(theirs - nowMs) / 1000);
  if (offSeconds * 1000 <= toleratedMs) return clock.good(role, `${offSeconds} s from this machine's`);
  const remedy =
    'Compare this machine with a time server first (timedatectl): Azure keeps its own clocks. Countersign takes tokens within 60 s of their times only.';
  return clock.wrong(role, `${offSeconds} s from this machine's`, remedy);
}
