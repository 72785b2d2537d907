import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultPolicy } from '../../infra/local/function-settings.ts';
import { parsePolicies } from '../../shared/adapters/cedar/parse-policies.ts';
import { readPolicyFiles } from '../../shared/adapters/cedar/read-policy-files.ts';

/** Writes so many policies into a directory: those that are shipped, as far as they go, then what teams would add for their resource groups. */
export async function writePolicies(directory: string, count: number): Promise<void> {
  const shipped = parsePolicies((await readPolicyFiles(defaultPolicy)).policies).map(({ text }) => text);
  const added = Array.from({ length: Math.max(0, count - shipped.length) }, (_, index) => teamPolicy(index));
  await writeFile(join(directory, 'policies.cedar'), [...shipped.slice(0, count), ...added].join('\n\n'));
  await copyFile(join(defaultPolicy, 'schema.cedarschema'), join(directory, 'schema.cedarschema'));
}

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';

/** Of three, one lets the team's agents act, one lets them ask, and one forbids something. */
function teamPolicy(index: number): string {
  const resource = `resource in Scope::"${subscription}/resourcegroups/rg-team-${index}"`;
  switch (index % 3) {
    case 0:
      return `@id("team-${index}-restarts")
permit (principal in AgentGroup::"deploy-agents", action == Action::"execute", ${resource})
when { context.riskRank < 2 && ["microsoft.web/sites/restart/action", "microsoft.web/sites/write"].contains(context.action) };`;
    case 1:
      return `@id("team-${index}-asks")
@approvals("1")
@groups("approvers")
@expires("PT4H")
permit (principal in AgentGroup::"deploy-agents", action == Action::"request", ${resource})
when { context.environment == "nonProduction" || context.factorCodes.contains("destroysData") };`;
    default:
      return `@id("team-${index}-keeps-its-vaults")
@advice("The vaults of team ${index} are managed in its own pipeline.")
forbid (principal, action in [Action::"execute", Action::"request"], ${resource})
when { context.action like "microsoft.keyvault/*" && context.riskRank >= 2 };`;
  }
}
