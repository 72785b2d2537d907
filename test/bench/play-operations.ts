import { watchQueues } from '../chaos/queue-contents.ts';
import type { BenchEnvironment } from './bench-environment.ts';
import { underLoad } from './load.ts';
import { readAtOnce } from './measured-operations.ts';
import { untilQuiet } from './until-quiet.ts';

const atOnce = 16;
const toldEach = 100;

/** Has so many reads submitted and executed, and waits until nobody works on anything. */
export async function playOperations(
  { api, messagesConnectionString }: BenchEnvironment,
  count: number,
  progress: (text: string) => void,
): Promise<void> {
  let done = 0;
  await underLoad(count, atOnce, async () => {
    const answer = await api.submit('deploy-agent', readAtOnce);
    if (answer.status !== 202) throw new Error(`A submission was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    done += 1;
    if (done % toldEach === 0) progress(`${done} of ${count} operations submitted`);
  });
  const queues = watchQueues(messagesConnectionString);
  try {
    await untilQuiet(queues);
  } finally {
    await queues.stop();
  }
}
