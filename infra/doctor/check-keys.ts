import { z } from 'zod';
import { readAzure } from './azure-reading.ts';
import { type Finding, saying } from './finding.ts';
import type { Site } from './site.ts';

const { good, wrong, unknown } = saying('keys');

/** Azure Resource Manager tells of a secret when and whether it holds, never what it is. */
const secretShape = z.object({
  properties: z.object({
    attributes: z.object({ enabled: z.boolean().default(true), exp: z.number().nullish() }).default({ enabled: true }),
  }),
});
const vaultShape = z.object({
  properties: z.object({ enableRbacAuthorization: z.boolean().nullish(), enablePurgeProtection: z.boolean().nullish() }),
});

/** Whether the vault guards the sealing keys, and whether the secret that holds them can be read by the apps for long enough. */
export async function checkKeys(site: Site): Promise<readonly Finding[]> {
  const { sealingKeys } = site.deployment;
  if (sealingKeys === undefined) return [];
  const [vault, secret] = await Promise.all([
    readAzure(site, sealingKeys.vault, '2023-07-01', vaultShape),
    readAzure(site, `${sealingKeys.vault}/secrets/${sealingKeys.secret}`, '2023-07-01', secretShape),
  ]);
  return [
    vault.kind === 'unread' ? unknown('vault', vault.detail, vault.remedy) : vaultOf(vault.items[0]),
    secret.kind === 'unread'
      ? unknown(sealingKeys.secret, secret.detail, secret.remedy)
      : secretOf(sealingKeys.secret, secret.items[0], site.nowMs()),
  ];
}

function vaultOf(vault: z.output<typeof vaultShape> | undefined): Finding {
  if (vault === undefined) {
    return wrong(
      'vault',
      'is missing',
      'Recover it (az keyvault recover) before anything else: without its keys nothing that is stored can be read.',
    );
  }
  const { enableRbacAuthorization, enablePurgeProtection } = vault.properties;
  return enableRbacAuthorization === true && enablePurgeProtection === true
    ? good('vault', 'is guarded by roles, and cannot be purged')
    : wrong('vault', 'is guarded by access policies, or can be purged', 'Deploy again: infra/azure turns roles and purge protection on.');
}

const soonMs = 30 * 24 * 60 * 60 * 1000;

function secretOf(name: string, secret: z.output<typeof secretShape> | undefined, nowMs: number): Finding {
  if (secret === undefined)
    return wrong(
      name,
      'is missing',
      'Recover it (az keyvault secret recover); never make a new one in its place while anything is stored.',
    );
  const { enabled, exp } = secret.properties.attributes;
  if (!enabled) return wrong(name, 'is disabled', 'Enable it: apps that restart cannot open what is stored.');
  const leftMs = exp === undefined || exp === null ? undefined : exp * 1000 - nowMs;
  return leftMs === undefined || leftMs > soonMs
    ? good(name, 'is there, and holds')
    : wrong(
        name,
        leftMs > 0 ? 'expires within a month' : 'has expired',
        'Add a key before the others of the secret, as the guide of infra/azure on rotation says.',
      );
}
