/** What others wrote goes to a terminal: nothing in it may move the cursor, span lines or turn their direction. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}
