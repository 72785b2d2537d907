/** Signs that look like, or stand for, others, and what a reader takes them for. Letters of other scripts stay, but for those that imitate Latin ones. */
const imitations: readonly (readonly [signs: string, readAs: string])[] = [
  ['\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501', 'aeopcyxijshd'],
  ['\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405', 'ABEKMHOPCTYXIJS'],
  ['\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7', 'aeikvoptux'],
  ['\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7', 'ABEZHIKMNOPTYX'],
  ['\u0142\u0141\u00f8\u00d8\u0111\u0110\u0131', 'lLoOdDi'],
  ['\u201c\u201d\u201e\u201f\u2033', '"""""'],
  ['\u2018\u2019\u201a\u201b\u2032', "'''''"],
  ['\u2010\u2011\u2012\u2013\u2014\u2212', '------'],
  ['\u2192\u21d2\u279c\u27a1\u2236\ua789', '====::'],
];

const unseen = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u180b-\u180d]|[\ufe00-\ufe0f]/;
const mark = /^\p{M}$/u;

/** Stands in the table for a sign that nobody sees. */
export const noSign = 0xffff;

/** Accents go, and full-width and other forms of a letter are the letter: its compatibility decomposition, where that is one ASCII sign with marks. */
function plainForm(code: number): number {
  const sign = String.fromCharCode(code);
  if (unseen.test(sign) || mark.test(sign)) return noSign;
  const [first = sign, ...rest] = sign.normalize('NFKD');
  const plain = first.charCodeAt(0);
  return plain < 128 && rest.every((other) => mark.test(other)) ? plain : code;
}

/** Where scripts, signs and forms lie that can be taken for ASCII. */
const blocks = [
  [0x80, 0x24f],
  [0x300, 0x36f],
  [0x1800, 0x180f],
  [0x1e00, 0x1eff],
  [0x2000, 0x22ff],
  [0x3000, 0x303f],
  [0xfe00, 0xfeff],
  [0xff00, 0xff5e],
] as const;

let table: Uint16Array | undefined;

function makeTable(): Uint16Array {
  const made = Uint16Array.from({ length: 0x10000 }, (_, code) => code);
  for (const [first, last] of blocks) for (let code = first; code <= last; code += 1) made[code] = plainForm(code);
  for (const [signs, readAs] of imitations) {
    for (let at = 0; at < signs.length; at += 1) made[signs.charCodeAt(at)] = readAs.charCodeAt(at);
  }
  return made;
}

/** What a reader takes a UTF-16 unit for, or {@link noSign}. */
export function foldedCode(code: number): number {
  if (code < 128) return code;
  table ??= makeTable();
  return table[code] ?? code;
}

/** A short text as a reader takes it. */
export function foldText(text: string): string {
  let folded = '';
  for (let at = 0; at < text.length; at += 1) {
    const code = foldedCode(text.charCodeAt(at));
    if (code !== noSign) folded += String.fromCharCode(code);
  }
  return folded;
}
