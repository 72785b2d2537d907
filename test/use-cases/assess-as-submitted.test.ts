import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../shared/adapters/cedar/load-policies.ts';
import type { JsonObject } from '../../shared/domain/json.ts';
import { RequestError } from '../../shared/domain/request-error.ts';
import { makeAssessOperation } from '../../shared/use-cases/assess-operation.ts';
import { makeSubmitOperation, type Submission } from '../../shared/use-cases/submit-operation.ts';
import { defaultPolicies } from '../adapters/cedar/policy-directory.ts';
import { agentCaller, deployAgent } from '../support/cast.ts';
import { account, readAccount, resourceGroup, standAccount, subscription } from '../support/scenarios.ts';
import { makeWorld } from '../support/world.ts';

const own = `${subscription}/resourcegroups/rg-countersign`;
const policies = await loadPolicies(defaultPolicies, { protectedScopes: [own] });

type Target = Submission['target'];

function target(method: string, path: string, body?: JsonObject): Target {
  return { method, path, apiVersion: '2024-01-01', query: {}, headers: {}, body };
}

function secret(fields: Readonly<Record<string, unknown>>): Target {
  return { kind: 'keyvaultSecret', fields: { kind: 'keyvaultSecret', vault: 'https://kv-shop.vault.azure.net', ...fields } };
}

/** Both use cases over one world in which the agent is of the group that the default policies speak of. */
function bothIn(): { readonly world: ReturnType<typeof makeWorld>; readonly ask: (asked: Target) => Promise<readonly [unknown, unknown]> } {
  const world = makeWorld();
  standAccount(world);
  world.agents.register({ ...deployAgent, groups: ['deploy-agents'] });
  const deps = { ...world.deps, policies };
  const [assess, submit] = [makeAssessOperation(deps), makeSubmitOperation(deps)];
  const told = async (work: Promise<{ readonly action: string; readonly assessment: unknown; readonly decision: unknown }>) => {
    try {
      const { action, assessment, decision } = await work;
      return { action, assessment, decision };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const { code, message, target: field } = error;
      return { code, message, field };
    }
  };
  const ask = async (asked: Target) => {
    const submission: Submission = { ...readAccount(), target: asked };
    const dry = await told(assess(agentCaller(deployAgent), submission));
    expect(world.effects).toEqual([]);
    return [dry, await told(submit(agentCaller(deployAgent), submission))] as const;
  };
  return { world, ask };
}

const template = { resources: [{ type: 'Microsoft.Web/sites', apiVersion: '2024-04-01', name: 's', properties: {} }] };
const deployment = `${resourceGroup}/providers/Microsoft.Resources/deployments/d`;

describe('a dry run says what the submission of the same request will say', () => {
  it.each<[string, Target, string]>([
    ['a read', target('GET', account), 'allow'],
    ['keys', target('POST', `${account}/listKeys`), 'requireApproval'],
    ['a write', target('PUT', account, { location: 'westeurope', properties: {} }), 'requireApproval'],
    ['a delete', target('DELETE', account), 'requireApproval'],
    ['a lock', target('DELETE', `${account}/providers/Microsoft.Authorization/locks/l`), 'deny'],
    ['a template', target('PUT', deployment, { properties: { mode: 'Incremental', template } }), 'requireApproval'],
    ['complete mode', target('PUT', deployment, { properties: { mode: 'Complete', template } }), 'deny'],
    [
      'a script',
      target('POST', `${resourceGroup}/providers/Microsoft.Compute/virtualMachines/vm/runCommand`, {
        commandId: 'RunShellScript',
        script: ['id'],
      }),
      'requireApproval',
    ],
    ["Countersign's own", target('DELETE', own), 'deny'],
    ['names of secrets', secret({ method: 'list' }), 'deny'],
    ['a reference', target('PUT', account, { properties: { password: 'countersign://secret/kv-shop.vault.azure.net/db' } }), 'deny'],
  ])('%s', async (_, asked, outcome) => {
    const [dry, submitted] = await bothIn().ask(asked);
    expect(dry).toMatchObject({ decision: { outcome } });
    expect(submitted).toEqual(dry);
  });

  it.each<[string, Target]>([
    ['a path that is none', target('GET', `${account}//`)],
    ['a method that is none', target('TRACE', account)],
    ['a body where none may be', target('GET', account, { a: 1 })],
    ['a name in two cases', target('PUT', account, { location: 'a', Location: 'b' })],
    ['a vault of another cloud', secret({ method: 'list', vault: 'https://kv-shop.vault.example' })],
    ['a reference in the query', { ...target('GET', account), query: { a: 'countersign://secret/kv-shop.vault.azure.net/db' } }],
    ['a reference to another cloud', target('PUT', account, { p: 'countersign://secret/kv.vault.example/db' })],
  ])('%s, as an error', async (_, asked) => {
    const [dry, submitted] = await bothIn().ask(asked);
    expect(dry).toMatchObject({ code: 'InvalidRequest', field: expect.stringMatching(/^target/) });
    expect(submitted).toEqual(dry);
  });

  it('what cannot be read', async () => {
    const { world, ask } = bothIn();
    world.azure.setUnreadable(account, 'forbidden');
    const [dry, submitted] = await ask(target('DELETE', account));
    expect(dry).toMatchObject({ assessment: { environment: 'production' } });
    expect(submitted).toEqual(dry);
  });
});
