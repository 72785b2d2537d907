/**
 * Whether a text can hold nothing for certain, as one look tells: a GUID, or the id of a resource whose names are short words in small letters. Most texts
 * of what Azure answers are; they are not read, and stay where nothing else can be read any more.
 */
export function isPlainlyHarmless(text: string): boolean {
  if (text.length === guidLength) return guid.test(text);
  return text.charCodeAt(0) === slash && text.length <= maxId && resourceId.test(text);
}

const guidLength = 36;
const slash = 0x2f;
const maxId = 1_000;

const guid =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/;

/** A name begins with a letter, and its words are too short for what is encoded; no number of a person or of a card stands alone in it. */
const name = '[a-z][a-z0-9]{0,14}(?:-[a-z0-9]{1,15})*';
const resourceId = new RegExp(
  `^/subscriptions/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?:/resource[Gg]roups/${name})?(?:/providers/[A-Za-z]{1,30}(?:\\.[A-Za-z]{1,30}){1,4}(?:/[A-Za-z]{1,40}/${name})*)?$`,
);
