import { randomBytes } from 'node:crypto';

/** A value that must be found nowhere, and where it was put. */
export type PlantedSecret = { readonly name: string; readonly value: string };

/** Somewhere to look. */
export type SearchedPlace = { readonly name: string; readonly text: string };

/** Makes a value of a form that nothing else has; `make` where it must have one of its own, as keys of storage accounts. */
export function plantSecret(name: string, make: () => string = wordyPassword): PlantedSecret {
  return { name, value: make() };
}

/** With characters that JSON, URLs and base64 each write in another way. */
function wordyPassword(): string {
  return `Pl4nt3d!${randomBytes(15).toString('hex')}"\\&é`;
}

/** As a storage account's key is: 64 bytes in base64. */
export function storageKey(): string {
  return randomBytes(64).toString('base64');
}

/** Every way in which a value may be written down: as it is, within JSON (once or twice), in URLs, in hexadecimal digits, and in base64 wherever in the bytes it begins. */
export function writingsOf(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const jsonTwice = JSON.stringify(json).slice(1, -1);
  const bytes = Buffer.from(value, 'utf8');
  const base64 = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last digits also hold bits of what stands beside the value.
    const certain = whole.slice(shift === 0 ? 0 : shift + 1, -2);
    return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hexadecimal = bytes.toString('hex');
  const url = [encodeURIComponent(value), encodeURI(value), new URLSearchParams({ v: value }).toString().slice(2)];
  return [
    ...new Set([
      value,
      json,
      jsonTwice,
      ...url,
      ...url.map((text) => text.toLowerCase()),
      hexadecimal,
      hexadecimal.toUpperCase(),
      ...base64,
    ]),
  ];
}

/** Where a planted value was found, as `place: secret`; never the value. */
export function findPlanted(secrets: readonly PlantedSecret[], places: readonly SearchedPlace[]): readonly string[] {
  return secrets.flatMap(({ name, value }) => {
    const writings = writingsOf(value);
    return places.filter(({ text }) => writings.some((writing) => text.includes(writing))).map((place) => `${place.name}: ${name}`);
  });
}
