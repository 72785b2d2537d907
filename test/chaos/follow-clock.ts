import { readFileSync } from 'node:fs';
import { installShiftedClock } from './shifted-clock.ts';

/**
 * Preloaded into a functions host: its clock is ahead by the milliseconds that the file of `CHAOS_CLOCK_FILE` names. The file is looked at again and
 * again, because a host that is killed and started must not fall back into the past.
 */
const path = process.env['CHAOS_CLOCK_FILE'];
if (path === undefined) throw new Error('CHAOS_CLOCK_FILE names no file');
const lookEveryMs = 50;

function readOffset(): number {
  return Number(readFileSync(path ?? '', 'utf8'));
}

let offsetMs = readOffset();
installShiftedClock(() => offsetMs);
setInterval(() => {
  offsetMs = readOffset();
}, lookEveryMs).unref();
