import type { BenchEnvironment } from './bench-environment.ts';
import { underLoad } from './load.ts';
import { forbidden, readAtOnce } from './measured-operations.ts';

const atOnce = 32;
const toldEach = 100;
/** Of so many operations one is executed; the policies deny the others. */
const executedOf = 5;

/** Has so many operations submitted and brought to their end; each is awaited, so that none piles up behind those that come after it. */
export async function playOperations({ api }: BenchEnvironment, count: number, progress: (text: string) => void): Promise<void> {
  let done = 0;
  await underLoad(count, atOnce, async (index) => {
    const [target, end] = index % executedOf === 0 ? ([readAtOnce, 'succeeded'] as const) : ([forbidden, 'denied'] as const);
    const { id, status } = (await api.submit('deploy-agent', target, { prefer: 'wait=30' })).operation();
    if (status !== end) await api.awaitStatus(id, end);
    done += 1;
    if (done % toldEach === 0) progress(`${done} of ${count} operations done`);
  });
}
