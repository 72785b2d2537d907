/**
 * Who and what exists in the embedded environment before anybody does anything.
 * Identifiers are fixed, so that a restart, a test and a document all mean the same person or resource.
 */

export const tenantId = '11111111-1111-4111-8111-111111111111';
export const subscriptionId = '00000000-0000-0000-0000-000000000001';

/** The application (resource) whose tokens the API accepts, as an Entra app registration would name it. */
export const apiAudience = 'api://countersign';

/** Audience of the tokens that Key Vault's stand-in takes; its vaults are names below it, as they are below `https://vault.azure.net` in the cloud. */
export const vaultResource = 'https://vault.localhost';

/** The bot's own application: audience of what the Bot Connector signs, and the identity that posts cards. */
export const botAppId = '22222222-2222-4222-8222-000000000001';

/** A public client that people use to call the API (the web console's registration). */
export const consoleClientId = '22222222-2222-4222-8222-000000000002';

export type SeededAgent = {
  readonly kind: 'agent';
  readonly name: string;
  readonly objectId: string;
  readonly clientId: string;
  readonly roles: readonly string[];
};

export type SeededPerson = {
  readonly kind: 'person';
  readonly name: string;
  readonly displayName: string;
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
};

/** A user-assigned managed identity of a function app, reached through the managed identity endpoint. */
export type SeededManagedIdentity = {
  readonly name: string;
  readonly clientId: string;
  readonly principalId: string;
};

export const groups = {
  approvers: '33333333-3333-4333-8333-000000000001',
  auditors: '33333333-3333-4333-8333-000000000002',
} as const;

export const agents: readonly SeededAgent[] = [
  {
    kind: 'agent',
    name: 'deploy-agent',
    objectId: '44444444-4444-4444-8444-000000000001',
    clientId: '44444444-4444-4444-8444-00000000c001',
    roles: ['Operation.Submit'],
  },
  {
    kind: 'agent',
    name: 'audit-agent',
    objectId: '44444444-4444-4444-8444-000000000002',
    clientId: '44444444-4444-4444-8444-00000000c002',
    roles: ['Operation.Submit'],
  },
  {
    kind: 'agent',
    name: 'operate-agent',
    objectId: '44444444-4444-4444-8444-000000000003',
    clientId: '44444444-4444-4444-8444-00000000c003',
    roles: ['Operation.Submit'],
  },
];

export const people: readonly SeededPerson[] = [
  {
    kind: 'person',
    name: 'approver-1',
    displayName: 'Ada Approver',
    objectId: '55555555-5555-4555-8555-000000000001',
    userPrincipalName: 'approver-1@contoso.example',
    groups: [groups.approvers],
    roles: ['Operation.Approve'],
    scopes: ['Operation.Approve', 'Audit.Read'],
  },
  {
    kind: 'person',
    name: 'approver-2',
    displayName: 'Ben Approver',
    objectId: '55555555-5555-4555-8555-000000000002',
    userPrincipalName: 'approver-2@contoso.example',
    groups: [groups.approvers],
    roles: ['Operation.Approve'],
    scopes: ['Operation.Approve', 'Audit.Read'],
  },
  {
    kind: 'person',
    name: 'auditor',
    displayName: 'Olga Auditor',
    objectId: '55555555-5555-4555-8555-000000000003',
    userPrincipalName: 'auditor@contoso.example',
    groups: [groups.auditors],
    roles: ['Audit.Read'],
    scopes: ['Audit.Read'],
  },
  {
    kind: 'person',
    name: 'agent-owner',
    displayName: 'Otto Owner',
    objectId: '55555555-5555-4555-8555-000000000004',
    userPrincipalName: 'agent-owner@contoso.example',
    groups: [],
    roles: [],
    scopes: [],
  },
];

export const managedIdentities = {
  /** Reads the state of targets; holds Reader and nothing else. */
  reader: { name: 'reader', clientId: '66666666-6666-4666-8666-00000000c001', principalId: '66666666-6666-4666-8666-000000000001' },
  /** Performs approved calls. */
  operator: { name: 'operator', clientId: '66666666-6666-4666-8666-00000000c002', principalId: '66666666-6666-4666-8666-000000000002' },
  /** Performs the calls whose answers hold secrets. */
  secrets: { name: 'secrets', clientId: '66666666-6666-4666-8666-00000000c005', principalId: '66666666-6666-4666-8666-000000000005' },
  /** Gives the two above a right for one operation, and takes it back; may do nothing else. */
  granter: { name: 'granter', clientId: '66666666-6666-4666-8666-00000000c006', principalId: '66666666-6666-4666-8666-000000000006' },
  /** Asks Microsoft Graph about people. */
  directory: { name: 'directory', clientId: '66666666-6666-4666-8666-00000000c003', principalId: '66666666-6666-4666-8666-000000000003' },
  /** Posts cards as the bot. */
  bot: { name: 'bot', clientId: botAppId, principalId: '66666666-6666-4666-8666-000000000004' },
} as const satisfies Record<string, SeededManagedIdentity>;
