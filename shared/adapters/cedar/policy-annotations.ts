import type { ApprovalRequirements } from '../../domain/decision.ts';

/** What is required where a policy that lets an agent ask does not say. */
export const defaultRequirements: ApprovalRequirements = {
  required: 1,
  groups: ['approvers'],
  expiresInMs: 4 * 60 * 60 * 1000,
  voters: 'human',
};

export type Annotations = Readonly<Record<string, string | null>>;

/** The reason why an annotation is not accepted, as a sentence. */
export class AnnotationFault extends Error {}

const requirementNames = ['approvals', 'groups', 'expires', 'voters'] as const;
const knownNames: readonly string[] = ['id', 'advice', ...requirementNames];

const idShape = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const groupShape = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const durationShape = /^P(?:(\d{1,2})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?$/;
const longestExpiryMs = 14 * 24 * 60 * 60 * 1000;

export function checkNames(annotations: Annotations): void {
  for (const name of Object.keys(annotations)) {
    if (!knownNames.includes(name)) throw new AnnotationFault(`@${name} is not an annotation; known are @${knownNames.join(', @')}.`);
  }
}

export function idOf(annotations: Annotations): string {
  const id = annotations['id'];
  if (typeof id !== 'string') throw new AnnotationFault('The policy has no @id("…").');
  if (!idShape.test(id) || id.length > 80) {
    throw new AnnotationFault('An @id is made of lower-case letters, digits and single hyphens, at most 80 characters.');
  }
  return id;
}

/** The friendly denial of a forbid; undefined where it has none. */
export function adviceOf(annotations: Annotations): string | undefined {
  const advice = annotations['advice'];
  if (advice === undefined) return undefined;
  if (advice === null || advice.trim() === '' || advice.length > 500) throw new AnnotationFault('@advice needs 1 to 500 characters.');
  return advice;
}

export function hasRequirements(annotations: Annotations): boolean {
  return requirementNames.some((name) => Object.hasOwn(annotations, name));
}

/** What a policy that lets an agent ask requires of the votes; {@link defaultRequirements} where it is silent. */
export function requirementsOf(annotations: Annotations): ApprovalRequirements {
  const { approvals, groups, expires, voters } = annotations;
  if (voters !== undefined && voters !== 'human') throw new AnnotationFault('@voters knows "human" only.');
  return {
    required: approvals === undefined ? defaultRequirements.required : parseApprovals(approvals),
    groups: groups === undefined ? defaultRequirements.groups : parseGroups(groups),
    expiresInMs: expires === undefined ? defaultRequirements.expiresInMs : parseDuration(expires),
    voters: 'human',
  };
}

function parseApprovals(text: string | null): number {
  if (text === null || !/^[1-9]$/.test(text)) throw new AnnotationFault('@approvals is a number from "1" to "9".');
  return Number(text);
}

function parseGroups(text: string | null): readonly string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  if (!names.every((name) => groupShape.test(name)) || new Set(names).size !== names.length) {
    throw new AnnotationFault('@groups lists different group names, separated by commas, such as "approvers,security".');
  }
  return names;
}

/** ISO 8601 duration of days, hours, minutes and seconds, as `PT4H`; years and months have no fixed length. */
function parseDuration(text: string | null): number {
  const match = durationShape.exec(text ?? '');
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (match ?? []).slice(1).map((part) => Number(part ?? 0));
  const durationMs = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  if (match === null || text?.endsWith('T') || durationMs <= 0 || durationMs > longestExpiryMs) {
    throw new AnnotationFault('@expires is an ISO 8601 duration of days, hours, minutes and seconds, at most P14D, such as "PT4H".');
  }
  return durationMs;
}
