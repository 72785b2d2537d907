import { describe, expect, it } from 'vitest';
import { parseDeployment } from '../../../infra/doctor/deployment.ts';
import type { Finding } from '../../../infra/doctor/finding.ts';
import { findingsAsJson, showFindings } from '../../../infra/doctor/show-findings.ts';
import {
  account,
  assignmentOf,
  deployment,
  directory,
  examine,
  executor,
  granter,
  healthyWorld,
  hostAccount,
  namespace,
  operator,
  type World,
} from './healthy-deployment.ts';

const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const subscription = '/subscriptions/99999999-9999-4999-8999-999999999999';

function bad(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ state }) => state !== 'good')
    .map(({ state, check, subject, detail }) => `${state}: ${check} ${subject} ${detail}`);
}

function app(world: World, role: string): World['apps'][string] {
  const found = world.apps[role];
  if (found === undefined) throw new Error(role);
  return found;
}

function queue(world: World, name: string): World['queues'][number] {
  const found = world.queues.find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

/** What is spoilt, how, what is found, and a word of the remedy. */
const faults: readonly (readonly [string, (world: World) => void, readonly string[], RegExp])[] = [
  [
    'an app that is stopped',
    (world) => {
      app(world, 'executor').unreachable = true;
    },
    [
      'wrong: reach executor https://executor.example did not answer (ECONNREFUSED)',
      'unknown: tokens executor it did not answer (ECONNREFUSED)',
    ],
    /its log says why it does not start/,
  ],
  [
    'an app that is down',
    (world) => {
      const edge = app(world, 'edge');
      edge.status = 503;
      edge.health.dependencies = [{ name: 'storage', status: 'down', error: { code: 'Timeout', message: 'Look after storage.' } }];
    },
    ['wrong: reach edge https://edge.example says that it is down', 'wrong: dependencies edge: storage is down (Timeout)'],
    /which of its dependencies/,
  ],
  [
    'a clock that is ten minutes off',
    (world) => {
      app(world, 'edge').date = 'Sun, 22 Nov 2026 05:50:00 GMT';
    },
    ["wrong: clock edge 600 s from this machine's"],
    /time server/,
  ],
  [
    'a token for another audience',
    (world) => {
      world.claims = { ...world.claims, aud: 'https://graph.microsoft.com' };
    },
    ['wrong: tokens yours its audience is https://graph.microsoft.com, not api://countersign'],
    /Get a token for api:\/\/countersign/,
  ],
  [
    'a token of another tenant’s issuer, expired and without the scope',
    (world) => {
      world.claims = { ...world.claims, iss: 'https://evil.example', exp: 1, scp: 'Operation.Approve' };
    },
    ['wrong: tokens yours it was issued by https://evil.example; it has expired; its scopes are "Operation.Approve", without Audit.Read'],
    /Audit\.Read/,
  ],
  [
    'an app that expects another audience',
    (world) => {
      app(world, 'approvals').tokenStatus = 401;
    },
    ['wrong: tokens approvals answered 401'],
    /COUNTERSIGN_API_AUDIENCE/,
  ],
  [
    'an app that does not know the console',
    (world) => {
      app(world, 'approvals').tokenStatus = 403;
    },
    ['wrong: tokens approvals answered 403'],
    /COUNTERSIGN_PERSON_CLIENT_IDS/,
  ],
  [
    'an app that lets strangers in',
    (world) => {
      app(world, 'edge').strangerStatus = 200;
    },
    ['wrong: tokens edge answered 200 to what is no token'],
    /does not check tokens/,
  ],
  [
    'an app whose answer says nothing of what runs',
    (world) => {
      app(world, 'edge').tokenStatus = 503;
    },
    ['unknown: versions edge does not say what runs and what it needs'],
    /answers in its place/,
  ],
  [
    'another version',
    (world) => {
      app(world, 'edge').health.running.version = '1.2.2';
    },
    ['wrong: versions edge runs 1.2.2, not 1.2.3'],
    /Deploy this version everywhere/,
  ],
  [
    'other policies',
    (world) => {
      app(world, 'executor').health.running.policyVersion = 'sha256:ffffffffffffffff';
    },
    ['wrong: versions executor: policies sha256:ffffffffffff are in force, not sha256:0123456789ab'],
    /package and deploy again/,
  ],
  [
    'an app in another role',
    (world) => {
      app(world, 'edge').health.running.role = 'all';
    },
    ['wrong: versions edge: role plays all'],
    /COUNTERSIGN_ROLE/,
  ],
  [
    'apps with different keys',
    (world) => {
      app(world, 'executor').health.running.sealingKeyIds = ['key-1'];
    },
    ['wrong: keys executor seals with key-1; edge with key-2, key-1'],
    /Restart both/,
  ],
  [
    'a secret with the keys that expires soon',
    (world) => {
      world.secret.properties.attributes.exp = Date.parse('2026-12-01T00:00:00.000Z') / 1000;
    },
    ['wrong: keys sealing-keys expires within a month'],
    /rotation/,
  ],
  [
    'a vault that can be purged',
    (world) => {
      world.vault.properties.enablePurgeProtection = false;
    },
    ['wrong: keys vault is guarded by access policies, or can be purged'],
    /purge protection/,
  ],
  [
    'a bot endpoint that is gone',
    (world) => {
      world.botStatus = 404;
    },
    ['wrong: bot endpoint https://approvals.example/api/messages answered 404'],
    /teams-messages/,
  ],
  [
    'a bot endpoint that takes anything',
    (world) => {
      world.botStatus = 200;
    },
    ['wrong: bot endpoint https://approvals.example/api/messages took a message without a token'],
    /lets anybody vote/,
  ],
  [
    'a bot that is sent elsewhere',
    (world) => {
      world.botEndpoint = 'https://old.example/api/messages';
    },
    ['wrong: bot registration sends to https://old.example/api/messages'],
    /messaging endpoint/,
  ],
  [
    'a missing queue',
    (world) => {
      world.queues = world.queues.filter(({ name }) => name !== 'checks');
    },
    ['wrong: queues checks is missing'],
    /Deploy again/,
  ],
  [
    'a queue with another lock time',
    (world) => {
      queue(world, 'executions').properties.lockDuration = 'PT5M';
    },
    ['wrong: queues executions lock time is 5 min, not 1 min'],
    /Deploy again/,
  ],
  [
    'a queue without detection of duplicates',
    (world) => {
      queue(world, 'executions').properties.requiresDuplicateDetection = false;
    },
    ['wrong: queues executions detection of duplicates is no, not yes'],
    /let it run empty, delete it/,
  ],
  [
    'a missing table',
    (world) => {
      world.tables = world.tables.filter((name) => name !== 'limits');
    },
    ['wrong: tables limits is missing'],
    /restore it from the backup/,
  ],
  [
    'a public container',
    (world) => {
      world.containers = [{ name: 'operation-bodies', properties: { publicAccess: 'Blob' } }];
    },
    ['wrong: containers operation-bodies is public (Blob)'],
    /public access to none/,
  ],
  [
    'an account of evidence that takes shared keys, as Azure has it where nobody says otherwise',
    (world) => {
      world.accounts[account] = { allowBlobPublicAccess: false, minimumTlsVersion: 'TLS1_2' };
    },
    ['wrong: access st1 takes shared keys'],
    /activity log/,
  ],
  [
    'an account of code that can be public and takes old TLS',
    (world) => {
      world.accounts[hostAccount] = { allowSharedKeyAccess: false, allowBlobPublicAccess: true, minimumTlsVersion: 'TLS1_0' };
    },
    ['wrong: access st1edge lets containers be public; takes TLS1_0'],
    /Deploy again/,
  ],
  [
    'a namespace that takes shared keys',
    (world) => {
      world.namespaceGuards.disableLocalAuth = false;
    },
    ['wrong: access sb-1 takes shared keys'],
    /Deploy again/,
  ],
  [
    'a bot that can be spoken to with a key',
    (world) => {
      world.botKeys = true;
    },
    ['wrong: bot registration can be spoken to with keys of its channels'],
    /local authentication/,
  ],
  [
    'a permission of Microsoft Graph in excess',
    (world) => {
      world.graphPermissions[directory]?.push('Directory.ReadWrite.All');
    },
    ['wrong: permissions directory has Directory.ReadWrite.All, which nobody deployed'],
    /audit log of Entra ID/,
  ],
  [
    'a permission of something else altogether',
    (world) => {
      world.graphPermissions[executor] = ['66666666-6666-4666-8666-000000000001'];
    },
    ['wrong: permissions executor has 66666666-6666-4666-8666-000000000001 of Payroll, which nobody deployed'],
    /Take it away/,
  ],
  [
    'a permission that nobody consented to',
    (world) => {
      world.graphPermissions[directory] = ['User.Read.All'];
    },
    ['wrong: permissions directory lacks GroupMember.Read.All'],
    /entra-permissions\.bicep/,
  ],
  [
    'a directory that the operator may not look at',
    (world) => {
      world.graphStatus = 403;
    },
    ['unknown: permissions all Microsoft Graph answered 403'],
    /member of the tenant/,
  ],
  [
    'a missing role',
    (world) => {
      world.assignments[executor] = [];
    },
    [`wrong: rights executor lacks the role 4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0 at ${namespace}/queues/executions`],
    /Deploy again/,
  ],
  [
    'a role in excess',
    (world) => {
      world.assignments[executor]?.push(assignmentOf(executor, owner, subscription));
    },
    [`wrong: rights executor has the role ${owner} at ${subscription}, which nobody deployed`],
    /az role assignment delete/,
  ],
  [
    'a condition that is gone',
    (world) => {
      world.assignments[granter] = [assignmentOf(granter, 'f58310d9-a9f6-439a-9e8d-f62e7b41a168', subscription)];
    },
    [`wrong: rights granter has the role f58310d9-a9f6-439a-9e8d-f62e7b41a168 at ${subscription} without the condition that bounds it`],
    /deploy again/,
  ],
  [
    'a right that an operation left behind',
    (world) => {
      const left = { description: 'Countersign op_aaaaaaaaaaaaaaaaaaaaaaaaaa attempt 1', createdOn: '2026-11-22T03:00:00.000Z' };
      world.assignments[operator] = [assignmentOf(operator, owner, account, left)];
    },
    [
      `wrong: rights operator still has a right of op_aaaaaaaaaaaaaaaaaaaaaaaaaa: ${account}/providers/Microsoft.Authorization/roleAssignments/${owner}`,
    ],
    /remove-leftover-grants/,
  ],
];

describe('the doctor', () => {
  it('finds nothing where everything is as it should be', async () => {
    const findings = await examine(healthyWorld());
    expect(bad(findings)).toEqual([]);
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set([
        'reach',
        'clock',
        'tokens',
        'dependencies',
        'versions',
        'keys',
        'bot',
        'queues',
        'tables',
        'containers',
        'access',
        'rights',
        'permissions',
      ]),
    );
  });

  it.each(faults)('finds %s, and says what to do', async (_, spoil, expected, remedy) => {
    const world = healthyWorld();
    spoil(world);
    const findings = await examine(world);
    expect(bad(findings)).toEqual(expected);
    expect(findings.find(({ state }) => state !== 'good')?.remedy).toMatch(remedy);
  });

  it('lets a right of an operation be, in its time', async () => {
    const world = healthyWorld();
    const inForce = { description: 'Countersign op_aaaaaaaaaaaaaaaaaaaaaaaaaa attempt 1', createdOn: '2026-11-22T05:59:00.000Z' };
    world.assignments[operator] = [assignmentOf(operator, owner, account, inForce)];
    expect(bad(await examine(world))).toEqual([]);
  });

  it('does not take what calls itself a right of an operation where none should be', async () => {
    const world = healthyWorld();
    const disguised = { description: 'Countersign op_aaaaaaaaaaaaaaaaaaaaaaaaaa attempt 1', createdOn: '2026-11-22T05:59:00.000Z' };
    world.assignments[executor]?.push(assignmentOf(executor, owner, account, disguised));
    expect(bad(await examine(world))).toEqual([`wrong: rights executor has the role ${owner} at ${account}, which nobody deployed`]);
  });

  it('looks for rights in every subscription where an identity has one, once', async () => {
    const managed = '/subscriptions/88888888-8888-4888-8888-888888888888';
    const world = healthyWorld();
    const asked = new Set<string>();
    const elsewhere = {
      ...deployment,
      identities: [
        {
          name: 'executor',
          principalId: executor,
          takesRightsOfOperations: false,
          rights: [{ roleId: owner, scope: managed }],
          graphPermissions: [],
        },
      ],
    };
    world.assignments[executor] = [assignmentOf(executor, owner, managed)];
    const findings = await examine(world, elsewhere, (path) => asked.add(path.split('/providers/')[0] ?? ''));
    expect(findings.filter(({ check }) => check === 'rights').map(({ state, detail }) => `${state}: ${detail}`)).toEqual([
      'good: has its one right, and no other',
    ]);
    expect([...asked].toSorted()).toEqual(expect.arrayContaining([managed, subscription]));
  });

  it('takes nothing for good that it could not look at', async () => {
    const world = healthyWorld();
    world.azureStatus = 403;
    const findings = await examine(world);
    expect(findings.filter(({ state }) => state === 'unknown').map(({ check, subject }) => `${check} ${subject}`)).toEqual([
      'keys vault',
      'keys sealing-keys',
      'bot registration',
      'queues all',
      'tables all',
      'containers all',
      'access st1',
      'access st1edge',
      'access sb-1',
      'rights executor',
      'rights granter',
      'rights operator',
      'rights directory',
    ]);
    expect(findings.find(({ state }) => state === 'unknown')?.remedy).toContain('Reader');
  });

  it('shows no token', async () => {
    const world = healthyWorld();
    app(world, 'approvals').tokenStatus = 401;
    const findings = await examine(world);
    const shown = showFindings(findings) + findingsAsJson(findings);
    expect(shown).not.toContain('-token-of-the-operator');
    expect(shown).not.toMatch(/eyJ/);
    expect(JSON.parse(findingsAsJson(findings))).toMatchObject({ good: false });
  });
});

describe('what is shown', () => {
  it('has no word for the terminal from whoever was asked', async () => {
    const world = healthyWorld();
    app(world, 'edge').health.running.role = '\u001b]0;all is well\u0007';
    const shown = showFindings(await examine(world));
    expect(shown).toContain('plays ?]0;all is well?');
    expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('the description of a deployment', () => {
  it.each(['http://edge.example', 'ftp://edge.example', 'http://127.0.0.1.evil.example'])('does not have tokens sent to %s', (url) => {
    const described = JSON.stringify({ ...deployment, apps: [{ role: 'edge', url }] });
    expect(() => parseDeployment(described)).toThrow('must begin with https://');
  });

  it('is refused with everything that is wrong with it', () => {
    expect(() => parseDeployment('{"tenantId":"x","apps":[]}')).toThrow(/tenantId[\s\S]*audience|audience[\s\S]*tenantId/);
    expect(() => parseDeployment('{')).toThrow('The description of the deployment is not JSON.');
  });
});
