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
  const ofUrl = text.includes('%') ? decoded(text, '%') : text;
  return foldName(ofUrl.includes('\\') ? decoded(ofUrl, '\\u00').replaceAll('\\/', '/') : ofUrl);
}

/** Characters of ASCII by their two hexadecimal digits. */
const characters = new Map(Array.from({ length: 128 }, (_, code) => [code.toString(16).padStart(2, '0'), String.fromCharCode(code)]));

/** The text with each character of ASCII that is escaped behind the mark in its place; cut rather than searched, since an escape may stand at every third character. */
function decoded(text: string, mark: string): string {
  const [first = '', ...others] = text.split(mark);
  const parts = others.map((part) => {
    const character = characters.get(part.slice(0, 2).toLowerCase());
    return character === undefined ? mark + part : character + part.slice(2);
  });
  return first + parts.join('');
}
