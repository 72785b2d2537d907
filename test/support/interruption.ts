/** Resolves when somebody ends the run before its time, as what a shell gives for that. */
export async function interruption(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  process.once('SIGINT', () => resolve(130));
  process.once('SIGTERM', () => resolve(143));
  return await promise;
}
