/**
 * Lets the clock of this process run ahead by `offsetMs`: every later `Date.now()` and `new Date()` tells it. Timers go on in their own time, so that a jump
 * is what a process sees that was held up, or a machine that slept.
 */
export function installShiftedClock(offsetMs: () => number): void {
  const actual = Date;
  const now = (): number => actual.now() + offsetMs();
  globalThis.Date = new Proxy(actual, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new actual(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
}
