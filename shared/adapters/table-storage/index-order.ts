import { epochMsOf, type Instant } from '../../domain/instant.ts';
import type { OperationId } from '../../domain/operation.ts';

/** The last millisecond that an instant can name, 9999-12-31T23:59:59.999Z. */
const lastEpochMs = 253_402_300_799_999;
const dayMs = 86_400_000;

/** Text that sorts later instants first; 15 digits. */
export function invertedTime(at: Instant): string {
  return String(lastEpochMs - epochMsOf(at)).padStart(15, '0');
}

/** Text that sorts later days (UTC) first; 7 digits. */
export function invertedDay(at: Instant): string {
  return String(Math.floor(lastEpochMs / dayMs) - Math.floor(epochMsOf(at) / dayMs)).padStart(7, '0');
}

/** The order of a listing as one text: newest first, operations of one millisecond by their ids. */
export function orderKey(createdAt: Instant, id: OperationId): string {
  return `${invertedTime(createdAt)}-${id}`;
}

const orderKeyShape = /^\d{15}-op_[a-z2-7]{26}$/;

export function isOrderKey(text: string): boolean {
  return orderKeyShape.test(text);
}

/** The inverted day that an order key belongs to. */
export function invertedDayOfOrderKey(key: string): string {
  const epochMs = lastEpochMs - Number(key.slice(0, 15));
  return String(Math.floor(lastEpochMs / dayMs) - Math.floor(epochMs / dayMs)).padStart(7, '0');
}
