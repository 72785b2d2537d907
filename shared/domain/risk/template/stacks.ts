import type { RuleSubject } from '../subject.ts';
import type { Inspection } from './inspection.ts';
import { judgeUnmanaged } from './left-out.ts';
import { propertyOf, type TemplateObject, type TemplateValue } from './template-value.ts';

/** What is looked at of the call to a stack. */
type StackSubject = Pick<RuleSubject, 'request' | 'exists' | 'current'>;

/**
 * What a deployment stack does beside deploying its template: deleting what it no longer manages, and denying others.
 * Source: learn.microsoft.com/rest/api/resources/deployment-stacks/create-or-update-at-resource-group.
 */
export function inspectStack(properties: TemplateObject, subject: StackSubject, inspection: Inspection): void {
  const { factors, judge, named } = inspection;
  if (deniesAnything(properties) || deniesAnything(propertyOf(subject.current, 'properties')) || isUnseen(subject)) {
    factors.add('deniesOthers', 'denySettings');
  }
  if (propertyOf(properties, 'bypassStackOutOfSyncError') === true) factors.add('ignoresDrift', 'bypassStackOutOfSyncError');
  const unmanaged = propertyOf(properties, 'actionOnUnmanage');
  if (!detaches(propertyOf(unmanaged, 'resourceGroups')) || !detaches(propertyOf(unmanaged, 'managementGroups'))) {
    if (subject.exists) factors.add('deletesUnseen', 'a stack that deletes whole groups which it no longer manages');
    else factors.add('deletesWhatIsLeftOut', 'a stack that deletes whole groups which it no longer manages');
  }
  if (detaches(propertyOf(unmanaged, 'resources'))) return;
  if (subject.exists) judgeUnmanaged(subject.current, { named, judge, factors });
  else factors.add('deletesWhatIsLeftOut', 'a stack that deletes what it no longer manages');
}

/**
 * Deleting a stack lifts what it denied, and deletes what it manages where the query says so.
 * Source: learn.microsoft.com/rest/api/resources/deployment-stacks/delete-at-resource-group.
 */
export function inspectStackDeletion(subject: StackSubject, { factors, judge }: Inspection): void {
  if (deniesAnything(propertyOf(subject.current, 'properties')) || isUnseen(subject)) factors.add('deniesOthers', 'its denySettings go');
  const query = new Map(Object.entries(subject.request.query).map(([name, value]) => [name.toLowerCase(), value]));
  if (query.get('bypassstackoutofsyncerror')?.toLowerCase() === 'true') factors.add('ignoresDrift', 'bypassStackOutOfSyncError');
  const groups = [query.get('unmanageaction.resourcegroups'), query.get('unmanageaction.managementgroups')];
  if (!groups.every(detaches)) factors.add('deletesUnseen', 'the groups that the stack manages');
  if (!detaches(query.get('unmanageaction.resources'))) judgeUnmanaged(subject.current, { named: new Set(), judge, factors });
}

/** Only this, and saying nothing, leaves what is no longer managed where it is. */
function detaches(action: TemplateValue | undefined): boolean {
  return action === undefined || action === null || (typeof action === 'string' && action.toLowerCase() === 'detach');
}

function isUnseen({ exists, current }: StackSubject): boolean {
  return exists && current === undefined;
}

function deniesAnything(properties: TemplateValue | undefined): boolean {
  const settings = propertyOf(properties, 'denySettings');
  if (settings === undefined || settings === null) return false;
  const mode = propertyOf(settings, 'mode');
  return !(typeof mode === 'string' && mode.toLowerCase() === 'none');
}
