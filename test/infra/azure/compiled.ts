import { z } from 'zod';
import { fromJson, isObject } from '../../support/bicep/bicep-value.ts';
import type { TemplateResource } from './hardening.ts';

const resourceShape = z.object({ type: z.string(), existing: z.boolean().optional(), properties: z.unknown().optional() });
/** Templates of language version 2.0 name their resources; earlier ones list them. */
const resourcesShape = z.union([z.array(resourceShape), z.record(z.string(), resourceShape)]);
const templateShape = z.object({ resources: resourcesShape });
const nestedShape = z.object({ template: templateShape });

/** The resources of a compiled template and of the deployments in it. Source: learn.microsoft.com/azure/azure-resource-manager/templates/syntax. */
export function compiledResources(template: unknown): readonly TemplateResource[] {
  const { resources } = templateShape.parse(template);
  return Object.values(resources).flatMap(({ type, existing, properties }): readonly TemplateResource[] => {
    if (existing === true) return [];
    if (type === 'Microsoft.Resources/deployments') return compiledResources(nestedShape.parse(properties).template);
    const read = fromJson(properties ?? {});
    return [{ type, properties: isObject(read) ? read : {} }];
  });
}
