import { mkdir, readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeWhole } from '../package/write-whole.ts';
import { makeTeamsApp, TeamsAppError } from './make-teams-app.ts';

const help = `Makes the zip that an administrator uploads to Teams, so that approvers get their cards.

  npm run teams:package -- --bot-id GUID        packages/countersign-teams.zip
      --bot-id GUID         the application id of the bot, which a deployment prints (COUNTERSIGN_BOT_APP_ID)
      --name NAME           what people see, at most 30 characters; Countersign unless it is said
      --developer NAME      who runs it, at most 32 characters; Countersign unless it is said
      --website URL         a page of yours that says whom to ask, and tells of privacy and terms
      --app-version 1.2.3   higher than the one that is uploaded already; that of the project unless it is said
      --out FILE            writes it there

The manifest is checked against the schema of Microsoft before anything is written. infra/teams-app/README.md goes on from there.
`;

const placeholder = 'https://example.com/countersign';

async function main(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = {
    'bot-id': text,
    name: { ...text, default: 'Countersign' },
    developer: { ...text, default: 'Countersign' },
    website: { ...text, default: placeholder },
    'app-version': text,
    out: text,
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const { 'bot-id': botId, name, developer, website } = values;
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (botId === undefined) {
    console.error(`--bot-id is missing.\n\n${help}`);
    return 2;
  }
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const version = values['app-version'] ?? (await projectVersion(root));
  const zip = await makeTeamsApp({ botId: botId.toLowerCase(), name, developer, website, version });
  const path = values.out === undefined ? resolve(root, 'packages/countersign-teams.zip') : resolve(values.out);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, zip);
  console.log(`${relative(process.cwd(), path)}  ${name} ${version}, for the bot ${botId}`);
  if (website === placeholder) console.log(`People who ask about it are sent to ${placeholder}: give a page of yours with --website.`);
  return 0;
}

async function projectVersion(root: string): Promise<string> {
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(resolve(root, 'package.json'), 'utf8'))).version;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (isUsage) console.error(`${error.message}\n\n${help}`);
  else
    console.error(
      error instanceof TeamsAppError ? error.message : `Nothing was written: ${error instanceof Error ? error.message : String(error)}`,
    );
  process.exitCode = isUsage ? 2 : 1;
}
