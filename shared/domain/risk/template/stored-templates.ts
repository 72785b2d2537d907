import type { TemplateFactorCode } from './template-factors.ts';

/** Types whose creation deploys a template that is stored elsewhere, chosen by id. */
const deployingStored: ReadonlySet<string> = new Set([
  'microsoft.solutions/applications',
  'microsoft.blueprint/blueprintassignments',
  'microsoft.devtestlab/labs/users/environments',
  'microsoft.devcenter/projects/users/environments',
  'microsoft.hybridnetwork/sitenetworkservices',
  'microsoft.hybridnetwork/networkfunctions',
]);

/** Types that hold a template for others to deploy. */
const storing: ReadonlySet<string> = new Set([
  'microsoft.resources/templatespecs',
  'microsoft.resources/templatespecs/versions',
  'microsoft.solutions/applicationdefinitions',
  'microsoft.blueprint/blueprints',
  'microsoft.blueprint/blueprints/artifacts',
  'microsoft.blueprint/blueprints/versions',
]);

/** What the type of a written resource says of templates, whatever its body holds. */
export function storedTemplateFactor(type: string): TemplateFactorCode | undefined {
  if (deployingStored.has(type)) return 'templateLinked';
  return storing.has(type) ? 'storesTemplate' : undefined;
}
