import type { LoggedRequest } from '../../infra/local/resource-manager/request-log.ts';
import type { PlayedRequest } from './play-request.ts';
import type { QueueContents } from './queue-contents.ts';
import type { ReportedFindings } from './report-findings.ts';
import type { Examined, Listing } from './stored-operations.ts';

/** Everything that is known when all is quiet, from four sources that know nothing of each other. */
export type Evidence = {
  /** What agents were answered. */
  readonly played: readonly PlayedRequest[];
  /** What is stored. */
  readonly stored: ReadonlyMap<string, Examined>;
  readonly listing: Listing;
  readonly strayMessageIds: readonly string[];
  /** What reached Azure and its vaults. */
  readonly requests: readonly LoggedRequest[];
  /** Where values of secrets were seen that may not be there, and how often. */
  readonly valuesSeen: ReadonlyMap<string, number>;
  /** Role assignments that there still are. */
  readonly rightsLeft: readonly string[];
  /** What people found out, and were answered. */
  readonly reported: ReportedFindings;
  /** How often a state was to be replaced whatever it was. */
  readonly unconditionalWrites: number;
  /** What is left in the queues. */
  readonly left: QueueContents;
};

/** One promise, and what breaks it; nobody does where it is empty. */
export type Finding = { readonly promise: string; readonly breaches: readonly string[] };
