const leastMs = 1_000;
const usualMostMs = 5 * 60 * 1_000;
const usualMs = 5_000;

const imfFixdate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Reads a `Retry-After` (RFC 9110, 10.2.3: seconds or a date) in milliseconds, kept between 1 s and `mostMs`; 5 s where there is none or it makes no sense. */
export function retryAfterMs(header: string | undefined, nowMs: number, mostMs: number = usualMostMs): number {
  const waitMs = waitOf(header?.trim() ?? '', nowMs);
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, leastMs), mostMs) : usualMs;
}

function waitOf(text: string, nowMs: number): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  return imfFixdate.test(text) ? Date.parse(text) - nowMs : Number.NaN;
}
