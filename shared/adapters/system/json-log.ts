import type { Log } from '../../ports/system.ts';

/** Writes one JSON line for each message; the functions host gives it to Application Insights. */
export function makeJsonLog(write: (level: 'info' | 'warn' | 'error', line: string) => void): Log {
  const at = (level: 'info' | 'warn' | 'error'): Log['info'] => {
    return (message, fields = {}) => write(level, JSON.stringify({ level, message, ...fields }));
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
