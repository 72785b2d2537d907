import type { JsonValue } from '../../../json.ts';
import type { RuleSubject } from '../../subject.ts';
import { literal, type Value } from '../values.ts';
import { at, type Carried, type CarriedFact, type CarriedScript, firstText, nothing, scriptText, textsAt } from './carried.ts';

/** `Microsoft.Resources/deploymentScripts`. Source: learn.microsoft.com/azure/templates/microsoft.resources/deploymentscripts. */
export function findDeploymentScript({ request, path }: RuleSubject): Carried {
  if (path.type !== 'microsoft.resources/deploymentscripts') return nothing;
  const { body } = request;
  const kind = firstText(body, 'kind').toLowerCase();
  const language = kind === 'azurecli' ? 'bash' : kind === 'azurepowershell' ? 'powershell' : 'either';
  const given = environmentOf(body);
  const positional = argumentsOf(firstText(body, 'properties', 'arguments'));
  const facts: CarriedFact[] = [{ where: 'properties', code: 'runsCode', shows: kind.slice(0, 40) }];
  for (const name of ['primaryScriptUri', 'supportingScriptUris']) {
    for (const found of textsAt(body, 'properties', name))
      if (found.value !== '') facts.push({ where: found.where, code: 'codeFromElsewhere', shows: name });
  }
  const scripts = at(body, 'properties', 'scriptContent').flatMap(({ where, value }): CarriedScript[] => {
    const text = scriptText(value);
    return text === undefined ? [] : [{ where, language, text, given, positional }];
  });
  return { scripts: [...scripts, ...injected(body)], facts };
}

/** Values that may be told; secure ones may not and stay unknown. PowerShell sees them as `$env:NAME`. */
function environmentOf(body: JsonValue | undefined): ReadonlyMap<string, readonly Value[]> {
  const given = new Map<string, readonly Value[]>();
  for (const { value } of at(body, 'properties', 'environmentVariables').flatMap(({ value: list }) =>
    Array.isArray(list) ? list.map((own: JsonValue) => ({ value: own })) : [],
  )) {
    const name = firstText(value, 'name');
    const [text] = textsAt(value, 'value');
    if (name === '' || text === undefined) continue;
    given.set(name, [literal(text.value)]);
    given.set(`env:${name.toLowerCase()}`, [literal(text.value)]);
  }
  return given;
}

function argumentsOf(text: string): readonly Value[] {
  const words = text.match(/\\?"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  return words.map((word) => literal(word.replace(/^\\?(["'])([\s\S]*?)\\?\1$/, '$2')));
}

/** Arguments are put into a command line as they are. */
function injected(body: JsonValue | undefined): readonly CarriedScript[] {
  return textsAt(body, 'properties', 'arguments').flatMap(({ where, value }) =>
    /[;&|`\n]|\$\(/.test(value) ? [{ where, language: 'either' as const, text: `: ${value}` }] : [],
  );
}
