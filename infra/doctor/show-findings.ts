import { textTable } from '../policy-tools/text-table.ts';
import type { Finding } from './finding.ts';

const marks = { good: '✓', wrong: '✗', unknown: '?' } as const;

/** What was asked may answer with anything; none of it is for the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

/** A line for each finding, then what to do about each that is not good. */
export function showFindings(found: readonly Finding[]): string {
  const findings = found.map((each) => ({ ...each, subject: printable(each.subject), detail: printable(each.detail) }));
  const table = textTable(
    findings.map(({ state, check, subject, detail }) => [marks[state], check, subject, detail]),
    110,
  );
  const bad = findings.filter(({ state }) => state !== 'good');
  const remedies = bad.map(
    ({ state, check, subject, detail, remedy }) => `${marks[state]} ${check}, ${subject}: ${detail}\n    ${remedy ?? ''}`,
  );
  const wrong = bad.filter(({ state }) => state === 'wrong').length;
  const sum =
    bad.length === 0
      ? `All ${findings.length} checks are good.`
      : `Of ${findings.length} checks ${wrong} found a fault, and ${bad.length - wrong} could not be made.`;
  return [table, ...(remedies.length === 0 ? [] : ['', 'What to do:', '', ...remedies]), '', sum].join('\n');
}

/** The same for programs. */
export function findingsAsJson(findings: readonly Finding[]): string {
  return JSON.stringify({ good: findings.every(({ state }) => state === 'good'), findings }, null, 2);
}
