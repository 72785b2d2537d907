import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWhole } from '../../../infra/package/write-whole.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-whole-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('a file that is written whole', () => {
  it('leaves nothing beside what cannot be written', async () => {
    await expect(writeWhole(join(directory, 'nowhere/package.zip'), 'new')).rejects.toThrow('ENOENT');
    expect(await readdir(directory)).toEqual([]);
  });

  it('takes the place of what was there, with nothing beside it, however many write at once', async () => {
    const path = join(directory, 'package.zip');
    await writeFile(path, 'old');
    await Promise.all(['one', 'two', 'six'].map((content) => writeWhole(path, content)));
    expect(['one', 'two', 'six']).toContain(await readFile(path, 'utf8'));
    expect(await readdir(directory)).toEqual(['package.zip']);
  });
});
