import type { JsonValue } from '../../json.ts';
import type { AssessNested, RuleSubject } from '../subject.ts';
import type { FactorList } from './template-factors.ts';
import { isArray, propertyOf, type TemplateValue } from './template-value.ts';

/** Judges what goes since the template does not name it. `named`: lower-case ids that it deploys for certain. */
export type LeftOut = {
  readonly named: ReadonlySet<string>;
  readonly judge: AssessNested;
  readonly factors: FactorList;
};

/**
 * Complete mode: whatever else is in the group is deleted.
 * Source: learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes#complete-mode.
 */
export function judgeCompleteMode(contents: RuleSubject['contents'], { named, judge, factors }: LeftOut): void {
  if (contents === undefined) {
    factors.add('deletesUnseen', 'complete mode');
    return;
  }
  factors.add('deletesWhatIsLeftOut', 'complete mode');
  judgeDeletions(
    contents.map(({ id }) => id),
    { named, judge, factors },
  );
}

/** What a stack manages now and will not manage any more. `current` is the stack as it is; undefined where it could not be read. */
export function judgeUnmanaged(current: JsonValue | undefined, leftOut: LeftOut): void {
  const managed = managedIds(current);
  if (managed === undefined) {
    leftOut.factors.add('deletesUnseen', 'a stack that deletes what it no longer manages');
    return;
  }
  leftOut.factors.add('deletesWhatIsLeftOut', 'a stack that deletes what it no longer manages');
  judgeDeletions(managed, leftOut);
}

function judgeDeletions(ids: readonly string[], { named, judge, factors }: LeftOut): void {
  for (const id of ids.map((given) => given.toLowerCase()).filter((given) => !named.has(given))) {
    factors.addAll(judge({ method: 'DELETE', path: id, apiVersion: '2021-04-01', body: undefined }), `deletes ${id}`);
  }
}

/** Ids of the resources of a stack; undefined where its state does not list them. */
function managedIds(current: TemplateValue | undefined): readonly string[] | undefined {
  const resources = propertyOf(propertyOf(current, 'properties'), 'resources');
  if (!isArray(resources)) return undefined;
  const ids = resources.map((resource) => propertyOf(resource, 'id'));
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}
