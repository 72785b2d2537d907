import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../infra/package/zip-archive.ts';
import { makeTeamsApp, pngSize, TeamsAppError } from '../../../infra/teams-app/make-teams-app.ts';
import { manifestOf, manifestProblems } from '../../../infra/teams-app/manifest.ts';

const options = {
  botId: '22222222-2222-4222-8222-000000000001',
  name: 'Countersign',
  version: '1.2.3',
  developer: 'Contoso Infra',
  website: 'https://contoso.example/countersign',
};

const icons = join(import.meta.dirname, '../../../infra/teams-app/icons');

async function problemsOf(change: Partial<typeof options>): Promise<readonly string[]> {
  return await makeTeamsApp({ ...options, ...change }).then(
    () => [],
    (error: unknown) => (error instanceof TeamsAppError ? error.problems : [String(error)]),
  );
}

describe('the Teams app', () => {
  it.each([
    ['a bot id that is none', { botId: 'countersign' }, ['id: ', 'bots.0.botId: ']],
    ['a name that is too long', { name: 'Countersign of the infrastructure team' }, ['name.short: must NOT have more than 30 characters']],
    [
      'a developer that is too long',
      { developer: 'The infrastructure team of Contoso' },
      ['developer.name: must NOT have more than 32 characters'],
    ],
    ['a website without TLS', { website: 'http://contoso.example' }, ['developer.websiteUrl: must begin with https://']],
    ['a version that is none', { version: 'abc' }, ['version: must be three numbers, such as 1.2.3']],
    ['a website that is none', { website: 'contoso.example' }, ['developer.websiteUrl: ']],
  ])('is refused with %s', async (_, change, expected) => {
    const problems = await problemsOf(change);
    for (const start of expected) expect(problems.some((problem) => problem.startsWith(start))).toBe(true);
  });

  it('is refused with what the schema does not know', async () => {
    expect(await manifestProblems({ ...manifestOf(options), spies: true })).toEqual([
      'manifest: must NOT have additional properties: spies',
    ]);
  });

  it('is sound by the schema of Microsoft, for teams and group chats, and asks for nothing that people write', async () => {
    const manifest = manifestOf(options);
    expect(await manifestProblems(manifest)).toEqual([]);
    expect(manifest).toMatchObject({
      id: '22222222-2222-4222-8222-000000000001',
      version: '1.2.3',
      bots: [{ botId: '22222222-2222-4222-8222-000000000001', scopes: ['team', 'groupChat'] }],
      validDomains: [],
    });
    expect(manifest).not.toHaveProperty('authorization');
    expect(manifest).not.toHaveProperty('webApplicationInfo');
  });

  it('has manifest and icons at the top of the zip, the same bytes each time', async () => {
    const [first, again] = [await makeTeamsApp(options), await makeTeamsApp(options)];
    expect(Object.keys(entriesOf(first))).toEqual(['color.png', 'manifest.json', 'outline.png']);
    expect(Buffer.from(first).equals(Buffer.from(again))).toBe(true);
  });

  it('has icons of the sizes that Teams asks for, the outline with transparency', async () => {
    const [color, outline] = [await readFile(join(icons, 'color.png')), await readFile(join(icons, 'outline.png'))];
    expect([pngSize(color), pngSize(outline)]).toEqual([
      { width: 192, height: 192 },
      { width: 32, height: 32 },
    ]);
    // The colour type, truecolour with alpha.
    expect(outline[25]).toBe(6);
    expect(pngSize(Buffer.from('GIF89a, or whatever else it may be'))).toBeUndefined();
  });
});
