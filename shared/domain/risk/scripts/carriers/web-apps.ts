import { isJsonObject, type JsonValue } from '../../../json.ts';
import type { RuleSubject } from '../../subject.ts';
import { at, type Carried, type CarriedFact, type CarriedScript, nothing, textsAt } from './carried.ts';

/** App Service and Functions. Source: learn.microsoft.com/rest/api/appservice, github.com/projectkudu/kudu/wiki/REST-API. */
export function findWebApp({ request, path }: RuleSubject): Carried {
  if (!/^microsoft\.web\/(?:sites|staticsites)/.test(path.type)) return nothing;
  const { body } = request;
  const below = path.type.replace(/^microsoft\.web\/(?:static)?sites\/?(?:(?:slots|builds|instances)\/?)*/, '');
  const isStart = request.method !== 'POST' || startingVerb.test(path.verb ?? '') || /^(?:hostruntime|extensions)/.test(below);
  const settings = settingsOf(body);
  const facts: CarriedFact[] = [
    ...(isStart ? placeFacts(below, path.verb ?? '', path.type, path.name ?? '') : []),
    ...settingFacts(settings),
  ];
  const scripts: CarriedScript[] = [...settingScripts(settings)];
  for (const name of ['appCommandLine', 'startUpCommand', 'startupFile']) {
    for (const parts of [['properties'], ['properties', 'siteConfig']]) {
      for (const { where, value } of textsAt(body, ...parts, name))
        if (value !== '') scripts.push({ where, language: 'line', text: value });
    }
  }
  for (const parts of [
    ['properties', 'linuxFxVersion'],
    ['properties', 'siteConfig', 'linuxFxVersion'],
    ['properties', 'windowsFxVersion'],
    ['properties', 'siteConfig', 'windowsFxVersion'],
    ['properties', 'image'],
  ]) {
    for (const { where, value } of textsAt(body, ...parts))
      if (/\||\/|image$/i.test(value) && /^(?:docker|compose|kube|sitecontainers)\||[/:]/i.test(value))
        facts.push({ where, code: 'deploysPackage', shows: 'an image' });
  }
  for (const { where } of [
    ...textsAt(body, 'properties', 'packageUri'),
    ...textsAt(body, 'properties', 'appZipUrl'),
    ...textsAt(body, 'properties', 'apiZipUrl'),
  ])
    facts.push({ where, code: 'deploysPackage', shows: 'a package' });
  for (const { where } of [...textsAt(body, 'properties', 'repoUrl'), ...textsAt(body, 'properties', 'repositoryUrl')])
    facts.push({ where, code: 'codeFromElsewhere', shows: 'a repository' });
  for (const found of at(body, 'properties', 'files')) {
    if (!isJsonObject(found.value)) continue;
    for (const [name, text] of Object.entries(found.value))
      if (typeof text === 'string') scripts.push({ where: `${found.where}.${name.slice(0, 60)}`, language: 'foreign', text });
  }
  const runs = scripts.length > 0 || facts.some(({ code }) => code !== 'setsFunctionKey');
  return { scripts, facts: runs ? [...facts, { where: path.type, code: 'runsCode', shows: below }] : facts };
}

/** Other actions of App Service stop, list or reset something. */
const startingVerb = /^(?:run|start|zipdeploy|onedeploy|msdeploy|deploy|publish|command|invoke|execute)$/;

function placeFacts(below: string, verb: string, type: string, name: string): readonly CarriedFact[] {
  const where = `${below}${verb === '' ? '' : `/${verb}`}`;
  if (/(?:^|\/)(?:functions\/keys|host\/(?:functionkeys|systemkeys|masterkey)|host\/default)/.test(where))
    return [{ where: type, code: 'setsFunctionKey', shows: where }];
  if (/^hostruntime/.test(where) || (below === 'extensions' && name.toLowerCase() === 'api'))
    return [{ where: type, code: 'codeNotRead', shows: where }];
  if (/^(?:extensions|zipdeploy|msdeploy|onedeploy|deployments|siteextensions|publish|sitecontainers|buildstrings)/.test(where))
    return [{ where: type, code: 'deploysPackage', shows: where }];
  if (/^sourcecontrols|^githubaction/.test(where)) return [{ where: type, code: 'codeFromElsewhere', shows: where }];
  if (/^(?:continuouswebjobs|triggeredwebjobs|webjobs|processes|functions|workflows)/.test(where))
    return [{ where: type, code: 'codeNotRead', shows: where }];
  return [];
}

type Setting = { readonly where: string; readonly name: string; readonly value: string };

/** App settings, as an object of `config/appsettings` or as a list in the site's own body. */
function settingsOf(body: JsonValue | undefined): readonly Setting[] {
  const flat = at(body, 'properties').flatMap(({ where, value }) =>
    isJsonObject(value)
      ? Object.entries(value).flatMap(([name, own]) =>
          typeof own === 'string' ? [{ where: `${where}.${name.slice(0, 60)}`, name, value: own }] : [],
        )
      : [],
  );
  const listed = at(body, 'properties', 'siteConfig', 'appSettings').flatMap(({ where, value }) =>
    Array.isArray(value)
      ? value.flatMap((own: JsonValue, index) =>
          textsAt(own, 'name').flatMap((name) =>
            textsAt(own, 'value').map((text) => ({ where: `${where}[${index}]`, name: name.value, value: text.value })),
          ),
        )
      : [],
  );
  return [...flat, ...listed];
}

function settingFacts(settings: readonly Setting[]): readonly CarriedFact[] {
  return settings.flatMap(({ where, name, value }): CarriedFact[] => {
    const upper = name.toUpperCase();
    if (upper === 'WEBSITE_RUN_FROM_PACKAGE' || upper === 'WEBSITE_RUN_FROM_ZIP' || upper === 'SCM_REPOSITORY_PATH')
      return /:\/\//.test(value) ? [{ where, code: 'codeFromElsewhere', shows: upper }] : [];
    if (upper === 'DOCKER_CUSTOM_IMAGE_NAME') return [{ where, code: 'deploysPackage', shows: upper }];
    if (/^(?:NODE_OPTIONS|PYTHONSTARTUP|LD_PRELOAD|JAVA_TOOL_OPTIONS|DOTNET_STARTUP_HOOKS|BASH_ENV|PERL5OPT|RUBYOPT)$/.test(upper))
      return [{ where, code: 'codeNotRead', shows: upper }];
    return [];
  });
}

function settingScripts(settings: readonly Setting[]): readonly CarriedScript[] {
  return settings.flatMap(({ where, name, value }) =>
    /^(?:PRE_BUILD_COMMAND|POST_BUILD_COMMAND|CUSTOM_BUILD_COMMAND|COMMAND|DEPLOYMENT_COMMAND|SCM_POST_DEPLOYMENT_ACTIONS_PATH)$/i.test(
      name,
    )
      ? [{ where, language: 'line' as const, text: value }]
      : [],
  );
}
