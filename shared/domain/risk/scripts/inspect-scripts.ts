import type { RiskFactor } from '../../assessment.ts';
import type { RuleSubject } from '../subject.ts';
import { findAutomation } from './carriers/automation.ts';
import { type Carried, type CarriedFact, type CarriedScript, type Finder, together } from './carriers/carried.ts';
import { findDeploymentScript } from './carriers/deployment-scripts.ts';
import { findClusterCommand } from './carriers/kubernetes.ts';
import { findElsewhere } from './carriers/other-places.ts';
import { findExtensions, findRunCommand, findRunCommands, findStartData } from './carriers/virtual-machines.ts';
import { findWebApp } from './carriers/web-apps.ts';
import { judgeForeignText } from './judge-foreign-text.ts';
import { judgeScript, type Session, sessionOf } from './judge-script.ts';
import { type Finding, type ScriptFactorCode, scriptFactors } from './script-factors.ts';

const finders: readonly Finder[] = [
  findRunCommand,
  findRunCommands,
  findExtensions,
  findStartData,
  findClusterCommand,
  findDeploymentScript,
  findAutomation,
  findWebApp,
];

type Place = { readonly where: string; readonly line: number | undefined; readonly shows: string };

/**
 * Finds every script that a request carries and says what is in it: one factor a code, whose evidence names the place, the line and the command,
 * and nothing that may be a secret. That there is code at all is a factor. No factor is below `high`.
 */
export function inspectScripts(subject: RuleSubject): readonly RiskFactor[] {
  if (subject.request.method !== 'PUT' && subject.request.method !== 'PATCH' && subject.request.method !== 'POST') return [];
  const carried = carriedBy(subject);
  const places = new Map<ScriptFactorCode, Place[]>();
  const note = (code: ScriptFactorCode, place: Place) => {
    const known = places.get(code);
    if (known === undefined) places.set(code, [place]);
    else if (!known.some(({ where, line }) => where === place.where && line === place.line)) known.push(place);
  };
  for (const { code, where, shows } of carried.facts) note(code, { where, line: undefined, shows });
  if (carried.scripts.length > 0 && !places.has('runsCode'))
    note('runsCode', { where: carried.scripts[0]?.where ?? '', line: undefined, shows: '' });
  let current = '';
  const session = sessionOf(subject.scripts, ({ code, line, shows }) => note(code, { where: current, line, shows }));
  for (const script of carried.scripts) {
    current = script.where;
    judgeCarried(session, script);
  }
  return codesInOrder.flatMap((code) => {
    const found = places.get(code);
    return found === undefined ? [] : [{ code, ...scriptFactors[code], evidence: evidenceOf(found) }];
  });
}

const codesInOrder: readonly ScriptFactorCode[] = Object.keys(scriptFactors).filter((code): code is ScriptFactorCode =>
  Object.hasOwn(scriptFactors, code),
);

/** What has a finder of its own is not found again by the names of properties. */
function carriedBy(subject: RuleSubject): Carried {
  const own = together(finders.map((find) => find(subject)));
  const known = new Set([...own.scripts, ...own.facts].map(({ where }) => where.toLowerCase()));
  const others = findElsewhere(subject);
  const isNew = ({ where }: { readonly where: string }) => !known.has(where.toLowerCase());
  const isNewFact = (fact: CarriedFact) => isNew(fact) && (fact.code !== 'runsCode' || known.size === 0);
  return together([own, { scripts: others.scripts.filter(isNew), facts: others.facts.filter(isNewFact) }]);
}

function judgeCarried(session: Session, script: CarriedScript): void {
  const source = { text: script.text, given: script.given ?? new Map(), positional: script.positional };
  switch (script.language) {
    case 'foreign':
      judgeForeignText(session, script.text);
      break;
    case 'either':
      judgeEither(session, [
        (own) => judgeScript(own, { ...source, language: 'bash' }),
        (own) => judgeScript(own, { ...source, language: 'powershell' }),
      ]);
      break;
    case 'line':
      judgeEither(session, [
        (own) => judgeScript(own, { ...source, language: 'bash' }),
        (own) => judgeScript(own, { ...source, language: 'cmd' }),
      ]);
      break;
    default:
      judgeScript(session, { ...source, language: script.language });
  }
}

/** How something is written tells only in the language that it is written in. */
const mannerCodes: ReadonlySet<ScriptFactorCode> = new Set([
  'scriptNotUnderstood',
  'scriptDisguisesCommands',
  'scriptBuildsCommands',
  'scriptRedefinesCommands',
]);

/**
 * The request does not say which language it is: the script is read as both, and what either does counts. That it cannot be understood, and how it
 * is written, counts for a language that does not understand it only where no other does.
 */
function judgeEither(session: Session, readings: readonly ((own: Session) => void)[]): void {
  const found = readings.map((read) => {
    const findings: Finding[] = [];
    read({ ...session, found: (finding) => findings.push(finding) });
    return findings;
  });
  const isUnderstood = found.map((findings) => !findings.some(({ code }) => code === 'scriptNotUnderstood'));
  const destroyed = new Set(found.flat().flatMap(({ code, line }) => (code === 'scriptDestroysData' ? [line] : [])));
  for (const [index, findings] of found.entries()) {
    const isOther = isUnderstood[index] === false && isUnderstood.includes(true);
    for (const finding of findings) {
      const isLess = finding.code === 'scriptDeletes' && destroyed.has(finding.line);
      if (!isLess && !(isOther && mannerCodes.has(finding.code))) session.found(finding);
    }
  }
}

const maxPlaces = 4;

function evidenceOf(places: readonly Place[]): string {
  const shown = places
    .slice(0, maxPlaces)
    .map(({ where, line, shows }) => `${where}${line === undefined ? '' : `, line ${line}`}${shows === '' ? '' : `: ${shows}`}`);
  const more = places.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}
