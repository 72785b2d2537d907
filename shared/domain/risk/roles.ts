/**
 * What a built-in role lets its holder do: `control` of everything in its scope, directly or by granting access, running code with somebody's rights or reading
 * keys; `change` of one kind of thing; `read`.
 */
export type Grant = 'control' | 'change' | 'read';

type Role = { readonly name: string; readonly grants: Grant };

/** Built-in roles by their id, which is the same in every tenant. Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles. */
const builtIn: ReadonlyMap<string, Role> = new Map([
  ...rows('control', {
    '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
    'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
    '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': 'User Access Administrator',
    'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
    '8b54135c-b56d-4d72-a534-26097cfdc8d8': 'Key Vault Data Access Administrator',
    '00482a5a-887f-4fb3-b363-3b7fe8e74483': 'Key Vault Administrator',
    'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
    '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
    'f25e0fa2-a7c8-4377-a976-54943a77a395': 'Key Vault Contributor',
    'e40ec5ca-96e0-45a2-b4ff-59039f2c2b59': 'Managed Identity Contributor',
    'f1a07417-d97a-45cb-824c-7a7467783830': 'Managed Identity Operator',
    '9980e02c-c2be-4d73-94e8-173b1dc7cf3c': 'Virtual Machine Contributor',
    '1c0163c0-47e6-4577-8991-ea5c82e286e4': 'Virtual Machine Administrator Login',
    '0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8': 'Azure Kubernetes Service Cluster Admin Role',
    'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b': 'Azure Kubernetes Service RBAC Cluster Admin',
    'ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8': 'Azure Kubernetes Service Contributor Role',
    'f353d9bd-d4a6-484e-a77a-8050b599b867': 'Automation Contributor',
    'de139f84-1756-47ae-9be6-808fbbe84772': 'Website Contributor',
    '17d1049b-9a84-46fb-8f53-869881c3d3ab': 'Storage Account Contributor',
    '81a9662b-bebf-436f-a333-f67b29880f12': 'Storage Account Key Operator Service Role',
    'c12c1c16-33a1-487b-954d-41c89c60f349': 'Reader and Data Access',
    'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
    'fb1c8493-542b-48eb-b624-b4c8fea62acd': 'Security Admin',
    '36243c78-bf99-498c-9df9-86d9f8d28608': 'Resource Policy Contributor',
    '5d58bcaf-24a5-4b20-bdb6-eed9f69fbe4c': 'Management Group Contributor',
    '41077137-e803-4205-871c-5a86e6a753b4': 'Blueprint Contributor',
  }),
  ...rows('change', {
    '4d97b98b-1d4f-4787-a291-c67834d212e7': 'Network Contributor',
    '5e467623-bb1f-42f4-a55d-6e525e11384b': 'Backup Contributor',
    '00c29273-979b-4161-815c-10b084fb9324': 'Backup Operator',
    '9b7fa17d-e63e-47b0-bb0a-15c516ac86ec': 'SQL DB Contributor',
    '4a9ae827-6dc8-4573-8ac7-8239d42aa03f': 'Tag Contributor',
    '749f88d5-cbae-40b8-bcfc-e573ddc772fa': 'Monitoring Contributor',
    'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
    '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
    '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
    '8311e382-0749-4cb8-b61a-304f252e45ec': 'AcrPush',
    '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Azure Service Bus Data Sender',
    '2b629674-e913-4c01-ae53-ef4638d8f975': 'Azure Event Hubs Data Sender',
  }),
  ...rows('read', {
    'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
    '43d0d8ad-25c7-4714-9337-8ba259a9fe05': 'Monitoring Reader',
    '73c42c96-874c-492b-b04d-ab87d138a893': 'Log Analytics Reader',
    '39bc4728-0917-49c7-9d2c-d95423bc2eb4': 'Security Reader',
    '72fafb9e-0641-4937-9268-a91bfd8191a3': 'Cost Management Reader',
    'fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64': 'Billing Reader',
    '21090545-7ca7-4776-b22c-e363652d74d2': 'Key Vault Reader',
    'a795c7a0-d4a2-40c1-ae25-d81f01202912': 'Backup Reader',
    '7f951dda-4ed3-4680-a7ca-43fe172d538d': 'AcrPull',
    '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': 'Storage Blob Data Reader',
    '19e7f393-937e-4f77-808e-94535e297925': 'Storage Queue Data Reader',
    '76199698-9eea-4c19-bc75-cec21354c6b6': 'Storage Table Data Reader',
    '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  }),
]);

function rows(grants: Grant, names: Readonly<Record<string, string>>): readonly (readonly [string, Role])[] {
  return Object.entries(names).map(([id, name]) => [id, { name, grants }]);
}

/** The built-in role that an id of a role definition names, at whatever scope; undefined for every other, which nobody knows. */
export function builtInRole(roleDefinitionId: string): Role | undefined {
  return builtIn.get(roleDefinitionId.slice(roleDefinitionId.lastIndexOf('/') + 1).toLowerCase());
}

/** Actions that let their holder take over the rest: by granting, by running code as somebody else, by reading keys, by unlocking. Built-in roles spell `…/{name}/assign/action`. */
const takingOver = [
  'microsoft.authorization/roleassignments/write',
  'microsoft.authorization/roledefinitions/write',
  'microsoft.authorization/elevateaccess/action',
  'microsoft.authorization/policyassignments/write',
  'microsoft.authorization/locks/delete',
  'microsoft.managedidentity/userassignedidentities/assign/action',
  'microsoft.managedidentity/userassignedidentities/any/assign/action',
  'microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write',
  'microsoft.managedservices/registrationassignments/write',
  'microsoft.compute/virtualmachines/runcommand/action',
  'microsoft.compute/virtualmachines/extensions/write',
  'microsoft.containerservice/managedclusters/runcommand/action',
  'microsoft.containerservice/managedclusters/listclusteradmincredential/action',
  'microsoft.automation/automationaccounts/jobs/write',
  'microsoft.resources/deployments/write',
  'microsoft.resources/deploymentscripts/write',
  'microsoft.keyvault/vaults/accesspolicies/write',
  'microsoft.keyvault/vaults/secrets/getsecret/action',
  'microsoft.storage/storageaccounts/listkeys/action',
  'microsoft.web/sites/config/list/action',
  'microsoft.web/sites/publishxml/action',
] as const;

const longestAction = 256;

/**
 * Whether an action of a role, which may hold wildcards, covers one by which everything else can be had. `notActions` are not subtracted: what they take away
 * from a wildcard cannot be listed. Linear: the parts between the wildcards are looked for one after the other.
 */
export function coversTakingOver(action: string): string | undefined {
  if (action.length > longestAction) return action.slice(0, longestAction);
  const parts = action.trim().toLowerCase().split('*');
  return takingOver.find((name) => covers(parts, name));
}

function covers(parts: readonly string[], name: string): boolean {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return first === name;
  if (!name.startsWith(first)) return false;
  const last = rest.at(-1) ?? '';
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
