import { copyRules } from './copied-data.ts';
import { deletionProperties, deletionRules, deletionSettings } from './deletion.ts';
import { exposureRules, exposureSettings } from './exposure.ts';
import { privilegeProperties, privilegeRules } from './privilege.ts';
import { routeRules, routeSettings } from './routes.ts';
import type { RiskRow, RiskRule } from './rule.ts';
import { safeguardProperties, safeguardRules, safeguardSettings } from './safeguards.ts';
import { scalingRules, scalingSettings } from './scaling.ts';
import { secretRules } from './secrets.ts';
import { stateRules } from './state.ts';
import { tagRules } from './tags.ts';

/** All tables, in the order in which people read them. */
export const ruleTables: Readonly<Record<string, readonly RiskRule[]>> = {
  'What it does': [...stateRules, ...scalingRules],
  Secrets: [...secretRules, ...copyRules],
  Deletion: deletionRules,
  Privilege: privilegeRules,
  Exposure: [...exposureRules, ...routeRules],
  Safeguards: safeguardRules,
  Environment: tagRules,
};

export const riskRules: readonly RiskRule[] = Object.values(ruleTables).flat();

/** Names of the properties that the tables compare with what is. */
export const watchedProperties: ReadonlySet<string> = new Set([
  ...[...deletionSettings, ...exposureSettings, ...safeguardSettings, ...scalingSettings, ...routeSettings].map(({ property }) => property),
  ...deletionProperties,
  ...privilegeProperties,
  ...safeguardProperties,
]);

/** Factors that are no rule of a table, but follow from what the tables say. */
export const generalRows = {
  touchesProduction: {
    code: 'touchesProduction',
    level: 'high',
    detail: 'The target is in production, or nothing says that it is not.',
    raisedBy: 'every change whose resource, group or subscription is tagged production, by an unknown word, or not at all',
  },
  notUnderstood: {
    code: 'notUnderstood',
    level: 'high',
    detail: 'No rule knows this call.',
    raisedBy: 'a call that no table knows; a resource of a template whose address is none',
  },
} as const satisfies Record<string, RiskRow>;
