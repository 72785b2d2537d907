import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { looksRandom } from './assigned-secrets.ts';
import { maxWrapping } from './find-secrets.ts';
import { linesOfKey, placeOfItem } from './list-places.ts';
import { MaskedPaths, type Spot } from './mask-path.ts';
import { nestedJson } from './nested-json.ts';
import type { PersonalDataKind } from './personal-data.ts';
import { isPlaceholder, numbersIn, Placeholders, placeholdersIn } from './placeholders.ts';
import { type Known, knownIn, type Place, placesIn, secretColumns } from './places.ts';
import { isPlainlyHarmless } from './plainly-harmless.ts';
import { mergeRanges, type Range, subtractRanges } from './ranges.ts';
import { isPublicMaterial, isReference } from './references.ts';
import { listsSecrets, resourceOf } from './revealing-calls.ts';
import { findInAddress } from './secret-addresses.ts';
import { namesProof } from './secret-names.ts';
import { TextReader } from './text-reader.ts';
import { traits, traitsOf } from './traits.ts';
import { WorkBudget } from './work-budget.ts';

export type Masked = {
  readonly value: JsonValue;
  /** Paths of what was replaced, in the order in which it stands, as `properties.adminPassword` and `keys[0].value`; a thousand at most, then a count. */
  readonly masked: readonly string[];
};

/** The call whose body or answer is masked: its RBAC-style action, and where it goes. Both tell what names alone do not. */
export type MaskedCall = { readonly part: 'request' | 'answer'; readonly action: string; readonly path?: string };

export type MaskOptions = {
  /** Absent for what stands outside a call, as a justification. */
  readonly call?: MaskedCall;
  readonly personalData?: readonly PersonalDataKind[];
};

/** Further places of secrets, found elsewhere: by the text itself, since equal texts hold equal secrets. */
export type FoundSecrets = ReadonlyMap<string, readonly Range[]>;

/**
 * Replaces every value that is, or may be, a secret. Structure stays; names do unless they hold a secret themselves; equal secrets get equal
 * placeholders within one result, and masking again changes nothing. Pure; linear in the size of the value.
 */
export function maskSecrets(value: JsonValue, options: MaskOptions = {}): Masked {
  return prepareMasking(value, options)().masked;
}

/**
 * The same in steps, for detectors that read texts: each step takes what they found so far, and hands out the texts, not handed out before, that only
 * their content could tell.
 */
export function prepareMasking(
  value: JsonValue,
  options: MaskOptions = {},
): (found?: FoundSecrets) => { readonly masked: Masked; readonly texts: readonly string[] } {
  const budget = new WorkBudget();
  const work: Work = {
    value,
    options,
    budget,
    reader: new TextReader(options.personalData ?? [], budget),
    taken: numbersIn(value),
    met: new Map(),
    news: [],
  };
  return (found = new Map()) => {
    work.news = [];
    const first = new Masking(work, found, new Set());
    const masked = first.run();
    // A secret that was told by its place is one wherever else it stands.
    const repeats = first.repeats();
    return { masked: repeats.size === 0 ? masked : new Masking(work, found, repeats).run(), texts: work.news };
  };
}

/** What is the same in every step. */
type Work = {
  readonly value: JsonValue;
  readonly options: MaskOptions;
  readonly budget: WorkBudget;
  readonly reader: TextReader;
  /** Numbers of the placeholders that the value bears already. */
  readonly taken: ReadonlySet<number>;
  /** Texts that stood where nothing tells them; true for those that hold nothing and wrap nothing, which need not be read again. */
  readonly met: Map<string, boolean>;
  news: string[];
};

/** Deeper values than the parsers of requests and answers let through are not walked. */
const maxDepth = 200;

/** Texts change under masking so that others become visible; no honest one does so more often. */
const maxRounds = 5;

/** No honest value has so many texts with a secret inside; from there on every text that may hold one is hidden unread. */
const maxContents = 5_000;

/** Stands once at the end of the paths where whole texts were hidden that nobody read. */
export const hiddenUnread = '… some of them hidden as a whole, unread: there was too much to read';

class Masking {
  readonly #work: Work;
  readonly #reader: TextReader;
  readonly #found: FoundSecrets;
  readonly #known: ReadonlySet<string>;
  #placeholders: Placeholders;
  #paths = new MaskedPaths();
  readonly #hidden = new Set<string>();
  readonly #names = new Map<string, string>();
  #wrapping = 0;
  #contents = 0;
  /** How often something that is wrapped in a text was looked at. */
  #unwrapped = 0;
  /** Whether texts were hidden unread, since so many hold secrets. */
  #hidUnread = false;

  constructor(work: Work, found: FoundSecrets, known: ReadonlySet<string>) {
    this.#work = work;
    this.#reader = work.reader;
    this.#found = found;
    this.#known = known;
    this.#placeholders = new Placeholders(work.taken);
  }

  run(): Masked {
    const { value: root, options } = this.#work;
    const { call } = options;
    const place: Place = call?.part === 'answer' && listsSecrets(call.action) ? 'settings' : 'plain';
    const value = this.#mask(root, undefined, place, call === undefined ? {} : resourceOf(call), 0);
    const isUnread = this.#hidUnread || this.#work.budget.isSpent;
    return { value, masked: isUnread ? [...this.#paths.list(), hiddenUnread] : this.#paths.list() };
  }

  /** Secrets told by their place that also stood where nothing tells them. */
  repeats(): ReadonlySet<string> {
    return new Set([...this.#hidden].filter((text) => this.#work.met.has(text)));
  }

  #mask(value: JsonValue, spot: Spot | undefined, place: Place, known: Known, depth: number): JsonValue {
    if (typeof value === 'string') return this.#maskText(value, spot, place);
    if (typeof value === 'number') return isHiddenNumber(place, spot) ? this.#hide(String(value), spot) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= maxDepth) return this.#hide('', spot);
    if (isJsonObject(value)) return this.#maskObject(value, spot, place, known, depth);
    const key = linesOfKey(value);
    return value.map((item: JsonValue, index) => {
      const placeOf = index > key.begin && index < key.end ? 'whole' : placeOfItem(value, index, place);
      return this.#mask(item, { label: index, inside: spot }, placeOf, known, depth + 1);
    });
  }

  #maskObject(value: JsonObject, spot: Spot | undefined, place: Place, known: Known, depth: number): JsonObject {
    const placeOf = placesIn(value, place, known);
    const columns = secretColumns(value);
    const entries = Object.entries(value).map(([name, inner]): [string, JsonValue] => {
      const shownName = this.#maskName(name, spot);
      if (columns !== undefined && name === 'rows' && Array.isArray(inner))
        return [shownName, this.#maskRows(inner, columns, { label: shownName, inside: spot }, known, depth + 1)];
      return [
        shownName,
        this.#mask(inner, { label: shownName, inside: spot }, placeOf(name, inner), knownIn(value, known, name, inner), depth + 1),
      ];
    });
    return Object.fromEntries(entries);
  }

  #maskRows(rows: readonly JsonValue[], columns: ReadonlySet<number>, spot: Spot, known: Known, depth: number): readonly JsonValue[] {
    return rows.map((row, index) => {
      const at: Spot = { label: index, inside: spot };
      if (!Array.isArray(row)) return this.#mask(row, at, 'plain', known, depth + 1);
      return row.map((cell: JsonValue, column) =>
        this.#mask(cell, { label: column, inside: at }, columns.has(column) ? 'value' : 'plain', known, depth + 2),
      );
    });
  }

  /** Names are structure, unless somebody wrote a secret as one. */
  #maskName(name: string, spot: Spot | undefined): string {
    if (name.length < shortestSecret) return name;
    const before = this.#names.get(name);
    if (before === undefined && !this.#work.met.has(name)) this.#note(name, false);
    const known = before ?? this.#maskContent(name, true);
    if (before === undefined) this.#names.set(name, known);
    if (known !== name) this.#paths.add({ label: known, inside: spot });
    return known;
  }

  #maskText(text: string, spot: Spot | undefined, place: Place): string {
    if (text === '' || isPlaceholder(text)) return text;
    if (this.#known.has(text) || hides(place, text)) {
      if (place === 'value' && isTelling(text)) this.#hidden.add(text);
      return this.#hide(text, spot);
    }
    if (text.length < shortestText) return text;
    const met = this.#work.met.get(text);
    if (met === true && !this.#found.has(text)) return text;
    if (met === undefined && place === 'plain' && isPlainlyHarmless(text)) {
      this.#note(text, true);
      return text;
    }
    const before = this.#unwrapped;
    const { masked, isClean } = this.#maskMet(text, spot, place);
    if (met === undefined) this.#note(text, isClean && before === this.#unwrapped);
    return masked;
  }

  #maskMet(text: string, spot: Spot | undefined, place: Place): { readonly masked: string; readonly isClean: boolean } {
    if (!this.#found.has(text) && !this.#reader.mayHoldSecret(text)) return { masked: text, isClean: true };
    if (this.#contents >= maxContents || this.#work.budget.isSpent) {
      this.#hidUnread = true;
      return { masked: this.#hide(text, spot), isClean: false };
    }
    const proof = isProof(spot);
    const masked = this.#maskContent(text, proof, place === 'address');
    if (masked === text) return { masked, isClean: !proof && place !== 'address' };
    this.#contents += 1;
    this.#paths.add(spot);
    return { masked, isClean: false };
  }

  /** Remembers a text that was met for the first time. */
  #note(text: string, isClean: boolean): void {
    this.#work.met.set(text, isClean);
    if (text.length >= shortestSecret) this.#work.news.push(text);
  }

  #mayHoldSecret(text: string): boolean {
    return this.#reader.mayHoldSecret(text) || this.#found.has(text);
  }

  /** Until nothing more is found: what stood beside a secret may be told only without it. */
  #maskContent(text: string, proof: boolean, isAddress = false): string {
    let masked = text;
    for (let round = 0; round < maxRounds; round += 1) {
      const next = this.#maskOnce(masked, proof, isAddress);
      if (next === masked) return masked;
      masked = next;
      if (!this.#work.met.has(masked)) this.#note(masked, false);
    }
    return this.#placeholders.for(text);
  }

  #maskOnce(text: string, proof: boolean, isAddress: boolean): string {
    const nested = nestedJson(text);
    if (nested !== undefined) return this.#maskNested(text, nested);
    const ranges = [
      ...this.#reader.secretsIn(text, proof),
      ...(this.#found.get(text) ?? none),
      ...(isAddress ? findInAddress(text) : none),
      ...this.#encodedSecrets(text),
    ];
    if (ranges.length === 0) return text;
    let masked = '';
    let from = 0;
    for (const { start, end } of subtractRanges(mergeRanges(ranges), placeholdersIn(text))) {
      masked += text.slice(from, start) + this.#placeholders.for(text.slice(start, end));
      from = end;
    }
    return masked + text.slice(from);
  }

  /** JSON inside a text is masked as JSON, and written anew only where it held a secret. */
  #maskNested(text: string, nested: JsonValue): string {
    if (this.#wrapping >= maxWrapping || !this.#work.budget.spend(perNested + text.length)) return this.#placeholders.for(text);
    this.#unwrapped += 1;
    const inner = this.#inside(this.#placeholders, () => this.#mask(nested, undefined, 'plain', {}, 0));
    if (inner.count === 0) return text;
    return JSON.stringify(inner.value, null, /^[[{]\r?\n([ \t]{1,8})/.exec(text)?.[1]);
  }

  /** What is encoded is hidden as one when its content holds a secret, since nothing of it could be told apart. */
  #encodedSecrets(text: string): readonly Range[] {
    const encoded = this.#reader.encodedIn(text);
    if (encoded.length === 0) return none;
    this.#unwrapped += 1;
    return encoded.filter(({ text: decoded }) => decoded === undefined || this.#hidesSecret(decoded)).map(({ range }) => range);
  }

  #hidesSecret(decoded: string): boolean {
    if (basicCredentials.test(decoded)) return true;
    if (!this.#mayHoldSecret(decoded)) {
      if (!this.#work.met.has(decoded)) this.#note(decoded, true);
      return false;
    }
    if (this.#wrapping >= maxWrapping) return true;
    return this.#inside(new Placeholders(nothingTaken), () => this.#maskText(decoded, undefined, 'plain')).count > 0;
  }

  /** Masks what is wrapped in a text, without listing the paths: what is masked is the text around it. */
  #inside(placeholders: Placeholders, mask: () => JsonValue): { readonly value: JsonValue; readonly count: number } {
    const outer = { paths: this.#paths, placeholders: this.#placeholders };
    const paths = new MaskedPaths();
    this.#paths = paths;
    this.#placeholders = placeholders;
    this.#wrapping += 1;
    try {
      return { value: mask(), count: paths.count };
    } finally {
      this.#wrapping -= 1;
      this.#paths = outer.paths;
      this.#placeholders = outer.placeholders;
    }
  }

  #hide(text: string, spot: Spot | undefined): string {
    this.#paths.add(spot);
    return this.#placeholders.for(text);
  }
}

function hides(place: Place, text: string): boolean {
  switch (place) {
    case 'whole':
    case 'value':
    case 'map':
    case 'secured':
    case 'settings':
      return !isReference(text);
    case 'material':
      return !isPublicMaterial(text) && !isReference(text);
    case 'likely':
      return looksRandom(text);
    case 'plain':
    case 'headers':
    case 'credentials':
    case 'address':
    case 'harmless':
      return false;
  }
}

/** A PIN is a secret, a number of tokens is none. */
function isHiddenNumber(place: Place, spot: Spot | undefined): boolean {
  return (
    (place === 'whole' || place === 'value' || place === 'map' || place === 'secured' || place === 'settings') &&
    !(typeof spot?.label === 'string' && /tokens$/i.test(spot.label))
  );
}

/** What JSON in a text costs beside its characters. */
const perNested = 250;

/** Shorter texts hold no secret that its content tells. */
const shortestText = 6;
const shortestSecret = 16;
/** Who encodes a user's name, a colon and a word makes credentials of HTTP's Basic scheme. Source: RFC 7617. */
const basicCredentials = /^(?!sha\d|md5|urn|https?|arn|spdx)[\w.@+-]{1,64}:(?![/\d]{1,20}$)[\x21-\x7e]{6,200}$/i;
const none: readonly Range[] = [];

const nothingTaken: ReadonlySet<number> = new Set();
const word = traits.digit | traits.letter;

/** Whether a text is so particular that meeting it twice means the same thing. */
function isTelling(text: string): boolean {
  if (text.length < 12 || text.length > 4_000) return false;
  const found = traitsOf(text);
  return (
    (found & word) === word && (found & (traits.space | traits.slash)) === 0 && !/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)
  );
}

function isProof(spot: Spot | undefined): boolean {
  let named = spot;
  while (named !== undefined && typeof named.label === 'number') named = named.inside;
  return named !== undefined && typeof named.label === 'string' && namesProof(named.label);
}
