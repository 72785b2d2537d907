import { actionOf } from './action.ts';
import type { ArmPath } from './arm-path.ts';
import {
  type ArmRequest,
  ArmRequestError,
  armRequestJson,
  type ParsedArmRequest,
  parseArmRequest,
  type UncheckedArmRequest,
} from './arm-request.ts';
import type { JsonObject } from './json.ts';
import { secretActionOf } from './secrets/secret-action.ts';
import {
  parseSecretRequest,
  type SecretRequest,
  SecretRequestError,
  secretRequestJson,
  type UncheckedSecretRequest,
} from './secrets/secret-request.ts';

/** What can be asked for, by its kind. */
export type TargetRequest = ArmRequest | SecretRequest;

/** The hostile fields of a target as they arrived. */
export type UncheckedTarget = UncheckedArmRequest | UncheckedSecretRequest;

/** A canonical request. Where a secret stands among Azure's resources is not told by the request but found out, so that it has no path. */
export type ParsedTarget = ParsedArmRequest | ParsedSecretRequest;
export type ParsedSecretRequest = { readonly request: SecretRequest; readonly path?: undefined };

/** Turns hostile fields into the canonical request. Throws {@link ArmRequestError} or {@link SecretRequestError}, both naming the field. */
export function parseTarget(unchecked: UncheckedTarget): ParsedTarget {
  return 'fields' in unchecked ? { request: parseSecretRequest(unchecked) } : parseArmRequest(unchecked);
}

/** Whether an error says that a target is no canonical request. */
export function isTargetError(error: unknown): error is ArmRequestError | SecretRequestError {
  return error instanceof ArmRequestError || error instanceof SecretRequestError;
}

/** The canonical request as a JSON value: the input of its digest, and the bytes that are sealed. Never to be shown. */
export function targetRequestJson(request: TargetRequest): JsonObject {
  return request.kind === 'arm' ? armRequestJson(request) : secretRequestJson(request);
}

/** The action of a canonical request. */
export function actionOfTarget(parsed: ParsedTarget): string {
  return parsed.path === undefined ? secretActionOf(parsed.request) : actionOf(parsed.request.method, parsed.path);
}

/** A request with where it stands among Azure's resources: given by an ARM path, found out for a secret. */
export type PlacedRequest = { readonly request: TargetRequest; readonly path: ArmPath };
