declare const instantBrand: unique symbol;

/** A point in time: UTC, RFC 3339 with milliseconds (`2026-11-21T20:12:00.000Z`). Compares as text. */
export type Instant = string & { readonly [instantBrand]: true };

const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Date.parse also takes 31 February and 24:00 for the day after, and such a text would not sort as the time that it stands for. */
export function isInstant(text: string): text is Instant {
  if (!shape.test(text)) return false;
  const epochMs = Date.parse(text);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString() === text;
}

/** Reads a stored or configured instant. Throws RangeError for anything that is not in the one shape. */
export function instant(text: string): Instant {
  if (!isInstant(text)) throw new RangeError(`not an instant: ${text.slice(0, 40)}`);
  return text;
}

export function instantFromEpochMs(epochMs: number): Instant {
  return instant(new Date(epochMs).toISOString());
}

export function epochMsOf(at: Instant): number {
  return Date.parse(at);
}

export function plusMs(at: Instant, durationMs: number): Instant {
  return instantFromEpochMs(epochMsOf(at) + durationMs);
}
