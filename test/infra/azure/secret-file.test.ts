import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withSecretFile } from '../../../infra/azure/secret-file.ts';

const source = new URL('../../../infra/azure/secret-file.ts', import.meta.url).href;

describe('a file with a secret', () => {
  it('is gone once it was used, and once that failed', async () => {
    const used = await withSecretFile('k1', async (path) => path);
    expect(existsSync(dirname(used))).toBe(false);
    let failed = '';
    const failing = withSecretFile('k1', async (path) => {
      failed = path;
      throw new Error('az failed');
    });
    await expect(failing).rejects.toThrow('az failed');
    expect(existsSync(dirname(failed))).toBe(false);
  });

  it('is for its owner alone', async () => {
    await withSecretFile('k1', async (path) => {
      expect(await readFile(path, 'utf8')).toBe('k1');
      expect((await stat(path)).mode & 0o077).toBe(0);
    });
  });

  it('is gone when the program is told to stop meanwhile', async () => {
    const program = `import { withSecretFile } from ${JSON.stringify(source)};
      setInterval(() => undefined, 1000);
      await withSecretFile('k1', async (path) => { process.stdout.write(path); await new Promise(() => undefined); });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [path] = await once(child.stdout, 'data');
    expect(existsSync(String(path))).toBe(true);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect([code, existsSync(dirname(String(path)))]).toEqual([143, false]);
  });
});
