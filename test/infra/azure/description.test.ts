import { describe, expect, it } from 'vitest';
import { parseDeployment } from '../../../infra/doctor/deployment.ts';
import { asObject, asText } from '../../support/bicep/bicep-value.ts';
import { deployed, variants } from './deployed.ts';

describe('what a deployment says of itself', () => {
  it.each(variants)('is what the doctor reads: $layout, $network', (variant) => {
    const { outputs } = deployed(variant);
    const read = parseDeployment(JSON.stringify(outputs['COUNTERSIGN_DEPLOYMENT']));
    expect(read.apps.map(({ role }) => role)).toEqual(variant.layout === 'single' ? ['all'] : ['edge', 'approvals', 'executor']);
  });

  it.each([...variants, { rights: 'standing' }])('names every right that it gives, with its condition, and no other: %o', (variant) => {
    const { resources, outputs } = deployed(variant);
    const given = resources
      .filter(({ type }) => type.startsWith('Microsoft.Authorization/roleAssignments@'))
      .map(({ id, body }) => {
        const { principalId, roleDefinitionId, condition = '' } = asObject(body['properties']);
        return [
          principalId,
          asText(roleDefinitionId).split('/').at(-1),
          id.split('/providers/Microsoft.Authorization/')[0],
          condition,
        ].join(' ');
      });
    const { identities } = parseDeployment(JSON.stringify(outputs['COUNTERSIGN_DEPLOYMENT']));
    const said = identities.flatMap(({ principalId, rights }) =>
      rights.map(({ roleId, scope, condition = '' }) => [principalId, roleId, scope, condition].join(' ')),
    );
    expect(said.toSorted()).toEqual(given.toSorted());
  });

  it('names resources that it makes', () => {
    const { resources, outputs } = deployed();
    const { serviceBusNamespace, storageAccount, sealingKeys, bot } = parseDeployment(JSON.stringify(outputs['COUNTERSIGN_DEPLOYMENT']));
    const ids = resources.map(({ id }) => id);
    expect([serviceBusNamespace, storageAccount, sealingKeys?.vault, bot].filter((id) => id === undefined || !ids.includes(id))).toEqual(
      [],
    );
  });
});
