import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleEntries, policyEntries } from '../../../infra/package/package-files.ts';
import { entriesOf, unpackZip, zipOf } from '../../../infra/package/zip-archive.ts';

const text = (content: string) => new TextEncoder().encode(content);

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-zip-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

describe('a zip', () => {
  it.each(['../outside', 'a/../../outside', '/outside', '..\\outside', 'C:\\outside'])(
    'with an entry %s is not unpacked at all',
    async (path) => {
      const directory = await emptyDirectory();
      const zip = zipSync({ first: text('1'), [path]: text('2') });
      await expect(unpackZip(zip, join(directory, 'in'))).rejects.toThrow('leads out of it');
      expect(existsSync(join(directory, 'in'))).toBe(false);
    },
  );

  it('has the same bytes in whatever order and zone it is made', () => {
    const zone = process.env['TZ'];
    onTestFinished(() => {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    });
    process.env['TZ'] = 'Asia/Tokyo';
    const east = zipOf({ 'b/c': text('2'), a: text('1') });
    process.env['TZ'] = 'America/New_York';
    const west = zipOf({ a: text('1'), 'b/c': text('2') });
    expect(Buffer.from(east).equals(Buffer.from(west))).toBe(true);
  });

  it('gives back what was put in', async () => {
    const directory = await emptyDirectory();
    const zip = zipOf({ a: text('1'), 'b/c': text('2') });
    expect(Object.keys(entriesOf(zip))).toEqual(['a', 'b/c']);
    await unpackZip(zip, directory);
    expect(await readFile(join(directory, 'b/c'), 'utf8')).toBe('2');
  });
});

describe('what is packaged', () => {
  it('is of a policy directory what a start reads, and of a bundle no source map', async () => {
    const policies = Object.keys(await policyEntries(join(import.meta.dirname, '../../../infra/policy')));
    expect(policies.toSorted()).toEqual([
      'infra/policy/agents.cedar',
      'infra/policy/agents.json',
      'infra/policy/forbidden.cedar',
      'infra/policy/grantable-roles.json',
      'infra/policy/groups.json',
      'infra/policy/issuers.json',
      'infra/policy/limits.json',
      'infra/policy/people.cedar',
      'infra/policy/schema.cedarschema',
      'infra/policy/stricter.cedar',
    ]);
    const bundle = await emptyDirectory();
    for (const name of ['index.mjs', 'index.mjs.map', 'index.mjs.LEGAL.txt']) await writeFile(join(bundle, name), name);
    expect(Object.keys(await bundleEntries(bundle)).toSorted()).toEqual(['dist/index.mjs', 'dist/index.mjs.LEGAL.txt']);
  });
});
