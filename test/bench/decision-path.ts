import { randomBytes } from 'node:crypto';
import { defaultPolicy } from '../../infra/local/function-settings.ts';
import { agents, tenantId } from '../../infra/local/seed.ts';
import { askCedar } from '../../shared/adapters/cedar/ask-cedar.ts';
import { agentQuestion, type CedarQuestion } from '../../shared/adapters/cedar/cedar-question.ts';
import { loadPolicies } from '../../shared/adapters/cedar/load-policies.ts';
import { loadRegisters } from '../../shared/adapters/policy-files/load-registers.ts';
import { makeSecretlintMasker } from '../../shared/adapters/secretlint/secretlint-masker.ts';
import { loadScriptReader } from '../../shared/adapters/tree-sitter/load-script-reader.ts';
import { parseSubmission } from '../../shared/contracts/operation-request.ts';
import type { Decision } from '../../shared/domain/decision.ts';
import { instant } from '../../shared/domain/instant.ts';
import { requestDigest, requestMac } from '../../shared/domain/request-digest.ts';
import type { RegisteredAgent } from '../../shared/ports/agent-registry.ts';
import type { SecretReader } from '../../shared/ports/key-vault.ts';
import { type Judgement, judge } from '../../shared/use-cases/judge-request.ts';
import { normalize } from '../../shared/use-cases/submit-operation.ts';
import { makeInMemoryAzure } from '../support/in-memory-azure.ts';

/** What happens to a request between the edge's token check and its first write: parse, canonical form, digests, risk, policy. Azure's answers are at hand. */
export type DecisionPath = {
  readonly decide: (body: Uint8Array) => Promise<Decision>;
  /** One call of Cedar by the same policies about the same question, and nothing else. */
  readonly bareCall: (body: Uint8Array) => Promise<() => void>;
};

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';

/** None of the measured requests names a secret of a vault. */
const noVaults: SecretReader = { read: () => Promise.reject(new Error('No vault is asked here.')) };

/** Prepares the path with the policies of a directory, for the seeded agent `deploy-agent`. */
export async function prepareDecisionPath(directory: string): Promise<DecisionPath> {
  const [policies, registers, scripts] = await Promise.all([
    loadPolicies(directory, { protectedScopes: [`${subscription}/resourcegroups/rg-countersign`] }),
    loadRegisters(defaultPolicy, { tenantId }),
    loadScriptReader(),
  ]);
  const agent = registers.agents.find(tenantId, agents[0]?.objectId ?? '');
  if (agent === undefined) throw new Error('The seeded agent is not registered.');
  const azure = makeInMemoryAzure();
  azure.set(subscription, { id: subscription, tags: { env: 'production' } });
  azure.set(`${subscription}/resourceGroups/rg-prod`, { id: `${subscription}/resourceGroups/rg-prod`, tags: { env: 'production' } });
  const clock = { now: () => instant('2026-11-22T09:00:00.000Z') };
  const masker = makeSecretlintMasker({ personalData: [] });
  const deps = { reader: azure.reader, clock, policies, scripts, masker, vaults: { suffix: '.vault.azure.net', reader: noVaults } };
  const macKey = randomBytes(32);
  const judged = async (body: Uint8Array): Promise<Judgement> => {
    const submission = parseSubmission('application/json', body);
    const parsed = normalize(deps, submission.target);
    const request = {
      agent: { id: agent.objectId, name: agent.name, tenantId: agent.tenantId, issuer: 'https://issuer.example' },
      justification: submission.justification,
      target: parsed.request,
    };
    requestMac(macKey, request);
    const judgement = await judge(deps, agent, parsed);
    requestDigest({ salt: 'AAAAAAAAAAAAAAAAAAAAAA', request });
    return judgement;
  };
  return {
    decide: async (body) => (await judged(body)).decision,
    bareCall: async (body) => {
      const question = questionOf(agent, await judged(body), clock.now());
      return () => {
        if (askCedar(policies.version, 'execute', question).kind === 'faulty') throw new Error('Cedar could not evaluate the question.');
      };
    },
  };
}

function questionOf(agent: RegisteredAgent, judgement: Judgement, now: ReturnType<typeof instant>): CedarQuestion {
  const { parsed, path, action, assessment, reading } = judgement;
  return agentQuestion({ agent, request: parsed.request, path, action, assessment, facts: reading.facts, now });
}
