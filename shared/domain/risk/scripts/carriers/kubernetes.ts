import type { RuleSubject } from '../../subject.ts';
import { type Carried, type CarriedFact, nothing, textsAt } from './carried.ts';

/**
 * `POST …/managedClusters/{name}/runCommand`: `{ command, context }`, where `context` is a ZIP file in base64 that the command finds beside it.
 * Source: learn.microsoft.com/rest/api/aks/managed-clusters/run-command.
 */
export function findClusterCommand({ request, path }: RuleSubject): Carried {
  if (path.verb !== 'runcommand' || !/^microsoft\.(?:containerservice|kubernetes)\//.test(path.type)) return nothing;
  const facts: CarriedFact[] = [{ where: 'command', code: 'runsCode', shows: 'a command in the cluster' }];
  for (const { where, value } of textsAt(request.body, 'context'))
    if (value !== '') facts.push({ where, code: 'codeNotRead', shows: 'files in an archive' });
  const scripts = textsAt(request.body, 'command').map(({ where, value }) => ({ where, language: 'bash' as const, text: value }));
  return { scripts, facts };
}
