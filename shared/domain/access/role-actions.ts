/** What a role allows on the control plane, as its definition lists it. */
export type RolePermission = { readonly actions: readonly string[]; readonly notActions: readonly string[] };

/** The need of whatever may come: only the pattern `*` covers it. */
export const anyAction = '*';

/**
 * Whether a permission allows an action: one of `actions` matches it and none of `notActions` does. Case is ignored.
 * Source: learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format.
 */
export function coversAction({ actions, notActions }: RolePermission, action: string): boolean {
  return actions.some((pattern) => matchesAction(pattern, action)) && !notActions.some((pattern) => matchesAction(pattern, action));
}

/** Whether a pattern, in which `*` stands for any characters, slashes too, names an action. Linear in its length times the number of stars. */
export function matchesAction(pattern: string, action: string): boolean {
  const text = action.toLowerCase();
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
