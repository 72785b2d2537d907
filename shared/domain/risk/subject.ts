import type { ArmMethod } from '../arm-method.ts';
import type { ArmPath } from '../arm-path.ts';
import type { ArmRequest } from '../arm-request.ts';
import type { ContainedResource, Environment, ResourceLock, RiskFactor } from '../assessment.ts';
import type { JsonValue } from '../json.ts';
import type { ScriptReader } from './scripts/script-reader.ts';

/** One call and what was read of its target. All of it was read before; no rule fetches anything. */
export type CallSubject = {
  readonly request: ArmRequest;
  readonly path: ArmPath;
  readonly action: string;
  readonly environment: Environment;
  /** False only where Azure said that the target is not there; what could not be read counts as there. */
  readonly exists: boolean;
  /** Tags of the addressed resource as they are; undefined where they could not be read. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** State of the addressed resource as it is; undefined where it is absent, could not be read or was not asked for. */
  readonly current: JsonValue | undefined;
  /** Locks on the target, on what contains it and on what it contains; undefined where they could not be read. */
  readonly locks: readonly ResourceLock[] | undefined;
  /** Resources of the group that is addressed or deployed into; undefined where the list was not asked for, could not be read or is not whole. */
  readonly contents: readonly ContainedResource[] | undefined;
};

/** What a rule may look at. `scripts` reads bash and PowerShell, synchronously and without I/O. */
export type RuleSubject = CallSubject & { readonly scripts: ScriptReader };

/** A call that another one carries, as a template carries its resources: hostile, as it was found. `path` is the whole id, from `/`. */
export type NestedCall = {
  readonly method: ArmMethod;
  readonly path: string;
  readonly apiVersion: string;
  readonly body: JsonValue | undefined;
};

/**
 * Judges a carried call as a call of its own, by the tables and by the scripts in it. A path that cannot be parsed is a `notUnderstood` factor.
 * It enters no template again: whoever unpacks templates enters the nested ones.
 */
export type AssessNested = (nested: NestedCall) => readonly RiskFactor[];
