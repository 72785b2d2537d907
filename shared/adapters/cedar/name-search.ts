import { foldName } from '../../domain/arm-property.ts';

/**
 * Makes the search for ids in a text, as a whole or as the container of another: `…/rg` is not named by `…/rg-2`. Case, escapes of URLs and escapes of JSON
 * within a text make no difference.
 */
export function makeNameSearch(ids: readonly string[]): (text: string) => boolean {
  const wanted = ids.map((id) => plain(id).slice(1));
  return (text) => {
    const given = plain(text);
    return wanted.some((id) => {
      for (let at = given.indexOf(id); at !== -1; at = given.indexOf(id, at + 1)) {
        if (!/[a-z0-9_.()-]/.test(given.charAt(at + id.length))) return true;
      }
      return false;
    });
  };
}

function plain(text: string): string {
  const unescaped = /[%\\]/.test(text)
    ? text
        .replace(/%([0-7][0-9a-f])/gi, decoded)
        .replace(/\\u00([0-7][0-9a-f])/gi, decoded)
        .replaceAll('\\/', '/')
    : text;
  return foldName(unescaped);
}

function decoded(_: string, hexadecimal: string): string {
  return String.fromCharCode(Number.parseInt(hexadecimal, 16));
}
