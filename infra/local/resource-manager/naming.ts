import { type ArmAnswer, armError } from './arm-answer.ts';
import { lastSegment, sameText } from './arm-path.ts';
import type { ResourceType } from './resource-types.ts';
import type { StateStore } from './state-store.ts';

/** The refusal of a resource's id whose name its type does not take, or that another one has where names are one in all of Azure. */
export function checkName(store: StateStore, id: string, { type, nameRule, uniqueName }: ResourceType): ArmAnswer | undefined {
  const name = lastSegment(id);
  if (nameRule !== undefined && !nameRule.pattern.test(name)) {
    return armError(400, nameRule.code, `${name} is not a valid name. ${nameRule.text}`);
  }
  const isTaken =
    uniqueName !== undefined && store.all().some((each) => each.type === type && sameText(each.name, name) && !sameText(each.id, id));
  return isTaken ? armError(409, uniqueName.code, uniqueName.text(name)) : undefined;
}
