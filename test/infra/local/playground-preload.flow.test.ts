import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const preload = new URL('../../../infra/local/teams/playground-preload.ts', import.meta.url).href;

function run(code: string): ChildProcess {
  return spawn(process.execPath, ['--import', preload, '--eval', code], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function firstOutput(child: ChildProcess): Promise<string> {
  const [chunk] = child.stdout === null ? [''] : await once(child.stdout, 'data');
  return String(chunk).trim();
}

describe('what is loaded into the Playground', () => {
  it('binds to loopback a server that would listen everywhere', async () => {
    const child = run(`const server = require('node:http').createServer(); server.listen(0, () => console.log(server.address().address));`);
    expect(await firstOutput(child)).toBe('127.0.0.1');
    child.stdin?.end();
    await once(child, 'exit');
  });

  it('lets no server listen on anything but a port', async () => {
    const child = run(
      `try { require('node:net').createServer().listen({ port: 0, host: '0.0.0.0' }); } catch (error) { console.log(error.message); }`,
    );
    expect(await firstOutput(child)).toBe('The Playground may only listen on a port of loopback.');
    child.stdin?.end();
    await once(child, 'exit');
  });

  it('ends it when its parent is gone, which closes its input', async () => {
    const child = run(`require('node:http').createServer().listen(0, () => console.log('up'));`);
    await firstOutput(child);
    child.stdin?.destroy();
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
