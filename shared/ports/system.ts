import type { Instant } from '../domain/instant.ts';
import type { OperationId } from '../domain/operation.ts';

export type Clock = { now(): Instant };

export type Ids = {
  /** A fresh id; 128 random bits. */
  operationId(): OperationId;
  /** 128 random bits, base64url: hides what is hashed with it. */
  salt(): string;
};

/** Structured log without payloads. `fields` never hold what a caller sent. */
export type Log = {
  info(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  warn(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  error(message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
};

/** A number from 0 up to but without 1, that nobody can foresee. */
export type Chance = () => number;

/** Lets time pass; resolves after so many milliseconds. */
export type Pause = (durationMs: number) => Promise<void>;
