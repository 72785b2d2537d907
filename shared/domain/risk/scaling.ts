import type { JsonValue } from '../json.ts';
import type { RiskRule } from './rule.ts';
import { findWeakened, type Setting } from './settings.ts';

const nothing = (value: JsonValue): boolean => value === 0 || value === '0';

/** How many of something there are, or may be. Minima are left out: nothing stops where they are zero. */
export const scalingSettings: readonly Setting[] = [
  { property: 'capacity', weak: nothing, leftOut: 'fine' },
  { property: 'maximum', within: 'capacity', weak: nothing, leftOut: 'fine' },
  {
    property: 'count',
    type: /\/(?:managedclusters(?:\/agentpools)?|provisionedclusterinstances\/agentpools|workerpools|bigdatapools)$/,
    weak: nothing,
    leftOut: 'fine',
  },
  ...[
    'maxreplicas',
    'maxcount',
    'instancecount',
    'targetinstancecount',
    'numberofworkers',
    'workercount',
    'targetdedicatednodes',
    'replicacount',
  ].map((property): Setting => ({ property, weak: nothing, leftOut: 'fine' })),
];

export const scalingRules: readonly RiskRule[] = [
  {
    code: 'scalesToNothing',
    level: 'high',
    detail: 'It takes away every instance: what it served stops, and what lay on the instances is gone.',
    raisedBy: 'capacity, node counts, replicas and the maximum of a scaling rule that become zero in something that exists',
    find: (call) => (call.exists ? findWeakened(call, scalingSettings) : undefined),
  },
];
