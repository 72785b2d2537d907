import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';

/** The bot needs nothing of later versions, and every tenant takes this one. */
const manifestVersion = '1.22';

export type TeamsAppOptions = {
  /** The application id of the bot: the client id of its identity. */
  readonly botId: string;
  /** What people see; at most 30 characters. */
  readonly name: string;
  /** Of the app, such as 1.2.3: Teams takes an update only under a higher one. */
  readonly version: string;
  /** Who runs it, at most 32 characters. */
  readonly developer: string;
  /** A page that tells people about it, with what Teams asks for: whom to ask, privacy, terms. */
  readonly website: string;
};

export type TeamsManifest = Readonly<Record<string, unknown>>;

/** The manifest of the app that approvers have in their teams: a bot that posts cards, and nothing else. It asks for no permission on what people write. */
export function manifestOf({ botId, name, version, developer, website }: TeamsAppOptions): TeamsManifest {
  return {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`,
    manifestVersion,
    version,
    id: botId,
    developer: { name: developer, websiteUrl: website, privacyUrl: website, termsOfUseUrl: website },
    name: { short: name, full: `${name}: approve what agents ask for` },
    description: {
      short: 'Cards for what AI agents want to do on Azure: approve or reject exactly that.',
      full: 'When an agent asks for something on Azure that needs a person, a card says who asks, what exactly would happen, on what, why, how dangerous it is, and until when you may decide. What you approve is what runs, once, or nothing runs. The app reads no messages: it posts cards, and takes the buttons that you press.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#1D3B64',
    bots: [
      {
        botId,
        scopes: ['team', 'groupChat'],
        isNotificationOnly: false,
        supportsFiles: false,
        supportsCalling: false,
        supportsVideo: false,
      },
    ],
    permissions: ['messageTeamMembers'],
    validDomains: [],
  };
}

const versionShape = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/;

/** What Teams refuses and the schema does not. Source: learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema, `version` and `developer`. */
export function optionProblems({ version, website }: Pick<TeamsAppOptions, 'version' | 'website'>): readonly string[] {
  return [
    ...(versionShape.test(version) ? [] : ['version: must be three numbers, such as 1.2.3']),
    ...(website.startsWith('https://') ? [] : ['developer.websiteUrl: must begin with https://']),
  ];
}

/** What is wrong with a manifest by the schema of its version, a line each, such as `name.short: must NOT have more than 30 characters`. */
export async function manifestProblems(manifest: TeamsManifest): Promise<readonly string[]> {
  const { resolve } = createRequire(import.meta.url);
  const path = resolve(`@microsoft/app-manifest/build/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`);
  // It says draft 4, and uses nothing that later drafts read otherwise.
  const { $schema: _, ...schema }: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
  const validate = new Ajv({ allErrors: true, strict: false, formats: { uri: (text: string) => URL.canParse(text) } }).compile(schema);
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const place = instancePath.replace(/^\//, '').replaceAll('/', '.');
    const what = 'additionalProperty' in params ? `${message ?? ''}: ${String(params['additionalProperty'])}` : (message ?? 'is not sound');
    return `${place === '' ? 'manifest' : place}: ${what}`;
  });
}
