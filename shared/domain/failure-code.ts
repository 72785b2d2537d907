/** What may be told of an error that somebody else made: its code or its name, never its message, which may hold what was sent. */
export function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return /^[A-Za-z0-9_.-]{1,60}$/.test(code) ? code : 'Error';
}
