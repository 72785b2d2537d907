import { changes } from './effect.ts';
import { type JudgedCall, oneHigher, type RiskRule } from './rule.ts';
import type { VerbMeaning } from './verbs.ts';

const acts =
  (...meanings: readonly VerbMeaning[]) =>
  ({ effect, request, action }: JudgedCall) =>
    effect.kind === 'act' && meanings.includes(effect.meaning) ? `${request.method} ${action}` : undefined;

const checks =
  (meaning: VerbMeaning) =>
  ({ effect, request, action }: JudgedCall) =>
    effect.kind === 'check' && effect.meaning === meaning ? `${request.method} ${action}` : undefined;

const governing = /^microsoft\.management\/managementgroups(?:\/settings)?$/;
const endingSubscription = /^microsoft\.subscription\/(?:[a-z]+\/)*(?:cancel|rename|acceptownership|enable)\/action$/;

/** What a call does, in the order from harmless to far-reaching. Every call has at least one of these, or one of the other tables. */
export const stateRules: readonly RiskRule[] = [
  {
    code: 'readsState',
    level: 'low',
    detail: 'It reads and changes nothing.',
    raisedBy: 'every GET and HEAD',
    find: ({ effect, request, action }) => (effect.kind === 'read' ? `${request.method} ${action}` : undefined),
  },
  {
    code: 'onlyChecks',
    level: 'low',
    detail: 'It asks Azure to check or query something and changes nothing.',
    raisedBy: 'actions that check, validate, query, list, get, compare, estimate, or ask what would happen',
    find: checks('checks'),
  },
  {
    code: 'checksAndMore',
    level: 'medium',
    detail: 'By its name it checks something and then does more.',
    raisedBy: 'actions as validateAndImport… and checkin…',
    find: checks('checksAndMore'),
  },
  {
    code: 'changesState',
    level: oneHigher.medium,
    detail: 'It creates or changes a resource.',
    raisedBy: 'every PUT and PATCH',
    find: ({ effect, request, action }) => (effect.kind === 'write' ? `${request.method} ${action}` : undefined),
  },
  {
    code: 'operatesResource',
    level: oneHigher.medium,
    detail: 'It operates a resource: starts, stops, scales, refreshes, and what can be undone by the opposite.',
    raisedBy: 'actions that start, stop, restart, scale, enable, disable, update, refresh, schedule and the like',
    find: acts('operates'),
  },
  {
    code: 'performsAction',
    level: 'high',
    detail: 'It performs an action whose effect cannot be told from its name.',
    raisedBy: 'every other action',
    find: acts('unknown'),
  },
  {
    code: 'restoresState',
    level: 'high',
    detail: 'It puts an older or a fresh state in the place of the present one.',
    raisedBy: 'actions that restore, reimage, reset, replace, roll back, generalize or redeploy',
    find: acts('restores'),
  },
  {
    code: 'movesResources',
    level: 'high',
    detail: 'It moves resources to where other people and other policies rule.',
    raisedBy: 'actions that move or transfer',
    find: acts('moves'),
  },
  {
    code: 'failsOver',
    level: oneHigher.high,
    detail: 'It makes a copy the original, which may lose what was not copied yet.',
    raisedBy: 'actions that fail over, switch over or cut over',
    find: acts('failsOver'),
  },
  {
    code: 'movesSubscription',
    level: 'critical',
    detail: 'It puts a subscription under other policies and other people, or ends it.',
    raisedBy: 'subscriptions put into, or taken out of, a management group; cancelled, renamed or handed over',
    find: ({ effect, path, action }) =>
      changes(effect) && (path.type === 'microsoft.management/managementgroups/subscriptions' || endingSubscription.test(action))
        ? action
        : undefined,
  },
  {
    code: 'changesHierarchy',
    level: 'critical',
    detail: 'It changes the tree of management groups, from which policies and rights are inherited.',
    raisedBy: 'writes and deletes of management groups and their settings',
    find: ({ effect, path, action }) => (changes(effect) && governing.test(path.type) ? action : undefined),
  },
];
