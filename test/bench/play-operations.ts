import type { BenchEnvironment } from './bench-environment.ts';
import { underLoad } from './load.ts';
import { readAtOnce } from './measured-operations.ts';

const atOnce = 64;
const toldEach = 100;

/** Has so many reads submitted and executed; each is awaited, so that none piles up behind those that come after it. */
export async function playOperations({ api }: BenchEnvironment, count: number, progress: (text: string) => void): Promise<void> {
  let done = 0;
  await underLoad(count, atOnce, async () => {
    const { id, status } = (await api.submit('deploy-agent', readAtOnce, { prefer: 'wait=30' })).operation();
    if (status !== 'succeeded') await api.awaitStatus(id, 'succeeded');
    done += 1;
    if (done % toldEach === 0) progress(`${done} of ${count} operations done`);
  });
}
