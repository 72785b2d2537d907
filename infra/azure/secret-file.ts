import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Writes a secret where only its owner may read it, for as long as `use` takes. It is gone however that ends, and when the program is told to stop meanwhile. */
export async function withSecretFile<Answer>(content: string, use: (path: string) => Promise<Answer>): Promise<Answer> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-key-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const stop = (signal: (typeof endings)[number]) => {
    remove();
    process.exit(128 + constants.signals[signal]);
  };
  for (const ending of endings) process.once(ending, stop);
  try {
    const path = join(directory, 'parameters.json');
    await writeFile(path, content, { mode: 0o600 });
    return await use(path);
  } finally {
    for (const ending of endings) process.off(ending, stop);
    remove();
  }
}
