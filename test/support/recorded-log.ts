import type { Log } from '../../shared/ports/system.ts';

export type RecordedLog = Log & { readonly lines: readonly string[] };

/** A log that keeps its lines as `warn: message {"field":1}`. */
export function makeRecordedLog(): RecordedLog {
  const lines: string[] = [];
  const writer =
    (level: string): Log['info'] =>
    (message, fields) => {
      lines.push(`${level}: ${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}`);
    };
  return { lines, info: writer('info'), warn: writer('warn'), error: writer('error') };
}
