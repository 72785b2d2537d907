import { failureCode } from '../../shared/domain/failure-code.ts';
import { checkAccess } from './check-access.ts';
import { checkBot } from './check-bot.ts';
import { checkHealth } from './check-health.ts';
import { checkKeys } from './check-keys.ts';
import { checkPermissions } from './check-permissions.ts';
import { checkQueues } from './check-queues.ts';
import { checkReach } from './check-reach.ts';
import { checkRights } from './check-rights.ts';
import { checkStorage } from './check-storage.ts';
import { type CheckName, checkNames, type Finding, saying } from './finding.ts';
import type { Site } from './site.ts';

type Check = { readonly name: CheckName; readonly run: (site: Site) => Promise<readonly Finding[]> };

const checks: readonly Check[] = [
  { name: 'reach', run: checkReach },
  { name: 'tokens', run: checkHealth },
  { name: 'keys', run: checkKeys },
  { name: 'bot', run: checkBot },
  { name: 'queues', run: checkQueues },
  { name: 'tables', run: checkStorage },
  { name: 'access', run: checkAccess },
  { name: 'rights', run: checkRights },
  { name: 'permissions', run: checkPermissions },
];

/** Makes every check, each for itself, and gives what they found in the order of {@link checkNames}. */
export async function runDoctor(site: Site): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map(async ({ name, run }) => await run(site).catch((error: unknown) => [brokenOff(name, error)])));
  return checkNames.flatMap((name) => found.flat().filter(({ check }) => check === name));
}

function brokenOff(name: CheckName, error: unknown): Finding {
  return saying(name).unknown(
    'all',
    `the check broke off (${failureCode(error)})`,
    'This is a fault of the doctor: report it with its output.',
  );
}
