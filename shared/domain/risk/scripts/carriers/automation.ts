import type { RuleSubject } from '../../subject.ts';
import { type Carried, type CarriedFact, type CarriedLanguage, type CarriedScript, firstText, nothing, textsAt } from './carried.ts';

/** Azure Automation: runbooks, what starts them, and what they are made of. Source: learn.microsoft.com/rest/api/automation. */
export function findAutomation({ request, path }: RuleSubject): Carried {
  const kind = /^microsoft\.automation\/automationaccounts\/([a-z0-9/]+)$/.exec(path.type)?.[1];
  if (!path.type.startsWith('microsoft.automation/automationaccounts') || path.verb === 'generateuri') return nothing;
  const whole = `${kind ?? ''}/${path.verb ?? ''}`;
  if (
    !/^(?:runbooks|jobs|webhooks|jobschedules|schedules|configurations|compilationjobs|nodeconfigurations|modules|powershell\d*modules|python\d*packages|watchers|sourcecontrols|softwareupdateconfigurations|runtimeenvironments)/.test(
      whole,
    )
  )
    return nothing;
  const facts: CarriedFact[] = [{ where: path.type, code: 'runsCode', shows: kind ?? '' }];
  if (/^(?:webhooks|jobschedules|schedules|watchers|softwareupdateconfigurations)/.test(whole))
    facts.push({ where: path.type, code: 'schedulesCode', shows: kind ?? '' });
  if (
    /^(?:jobs\/|compilationjobs|modules|powershell\d*modules|python\d*packages|runtimeenvironments|runbooks\/draft\/testjob|configurations)/.test(
      whole,
    )
  )
    facts.push({ where: path.type, code: 'codeNotRead', shows: kind ?? '' });
  for (const address of ['uri', 'repoUrl']) {
    for (const parts of [
      ['properties', 'publishContentLink'],
      ['properties', 'contentLink'],
      ['properties', 'draft', 'draftContentLink'],
      ['properties', 'source'],
      ['properties'],
    ]) {
      for (const { where } of textsAt(request.body, ...parts, address)) facts.push({ where, code: 'codeFromElsewhere', shows: address });
    }
  }
  return { scripts: runbookTexts(request.body, path.name), facts };
}

/** The draft of a runbook is the body itself; DSC configurations and test jobs carry theirs in properties. */
function runbookTexts(body: RuleSubject['request']['body'], name: string | undefined): readonly CarriedScript[] {
  const type = firstText(body, 'properties', 'runbookType').toLowerCase();
  const language: CarriedLanguage = type.startsWith('python') || type.startsWith('graph') ? 'foreign' : 'powershell';
  if (typeof body === 'string') return [{ where: name ?? 'content', language: 'powershell', text: body }];
  return [
    ...textsAt(body, 'properties', 'draft', 'content'),
    ...textsAt(body, 'properties', 'content'),
    ...textsAt(body, 'properties', 'source', 'value'),
    ...textsAt(body, 'content'),
  ].map(({ where, value }) => ({ where, language, text: value }));
}
