import type { JsonValue } from '../json.ts';
import { maxWrapping } from './find-secrets.ts';
import { hides, isHiddenNumber, isProof, isTelling, shortestTelling } from './hiding.ts';
import { MaskedPaths, type Spot } from './mask-path.ts';
import type { FoundSecrets, Masked, MaskedCall } from './masked.ts';
import { nestedJson } from './nested-json.ts';
import { isPlaceholder, Placeholders, placeholdersIn } from './placeholders.ts';
import type { Place } from './places.ts';
import { isPlainlyHarmless } from './plainly-harmless.ts';
import { mergeRanges, type Range, subtractRanges } from './ranges.ts';
import { listsSecrets, resourceOf } from './revealing-calls.ts';
import { findInAddress } from './secret-addresses.ts';
import type { TextReader } from './text-reader.ts';
import { type Leaves, type Standing, walkValue } from './value-walk.ts';
import type { WorkBudget } from './work-budget.ts';

/** What is the same in every step of masking one value. */
export type MaskingWork = {
  readonly budget: WorkBudget;
  readonly reader: TextReader;
  readonly isCandidate: (text: string) => boolean;
  /** Numbers of the placeholders that the value bears already. */
  readonly taken: ReadonlySet<number>;
  /** Texts that stood where nothing tells them; true for those that hold nothing and wrap nothing, which need not be read again. */
  readonly met: Map<string, boolean>;
  /** Secrets told by their place that also stood where nothing tells them. */
  readonly known: ReadonlySet<string>;
};

/** Stands once at the end of the paths where whole texts were hidden that nobody read. */
export const hiddenUnread = '… some of them hidden as a whole, unread: there was too much to read';

/** Texts change under masking so that others become visible; no honest one does so more often. */
const maxRounds = 5;

/** No honest value has so many texts with a secret inside; from there on every text that may hold one is hidden unread. */
const maxContents = 5_000;

/** One step of masking one value: what becomes of its texts, numbers and names. */
export class Masking implements Leaves {
  /** Texts that a further detector wants to look at. */
  readonly candidates: string[] = [];
  readonly #work: MaskingWork;
  readonly #reader: TextReader;
  readonly #found: FoundSecrets;
  readonly #maxCandidates: number;
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

  /** At most so many candidates are handed out; further ones are hidden unread. */
  constructor(work: MaskingWork, found: FoundSecrets, maxCandidates: number) {
    this.#work = work;
    this.#reader = work.reader;
    this.#found = found;
    this.#maxCandidates = maxCandidates;
    this.#placeholders = new Placeholders(work.taken);
  }

  run(root: JsonValue, call: MaskedCall | undefined): Masked {
    const place: Place = call?.part === 'answer' && listsSecrets(call.action) ? 'settings' : 'plain';
    const known = call === undefined ? {} : resourceOf(call);
    const value = walkValue(root, { spot: undefined, place, known, depth: 0 }, this);
    const isUnread = this.#hidUnread || this.#work.budget.isSpent;
    return { value, masked: isUnread ? [...this.#paths.list(), hiddenUnread] : this.#paths.list() };
  }

  /** Secrets told by their place that also stood where nothing tells them, and were not known before. */
  repeats(): readonly string[] {
    return [...this.#hidden].filter((text) => this.#work.met.has(text) && !this.#work.known.has(text));
  }

  number(value: number, spot: Spot | undefined, place: Place): JsonValue {
    return isHiddenNumber(place, spot) ? this.#hide(String(value), spot) : value;
  }

  depth(spot: Spot | undefined): string {
    return this.#hide('', spot);
  }

  /** Names are structure, unless somebody wrote a secret as one. */
  name(name: string, spot: Spot | undefined): string | undefined {
    if (name.length < shortestSecret) return name;
    const before = this.#names.get(name);
    const shown = before ?? this.#readName(name);
    if (shown === undefined) {
      this.#hidUnread = true;
      this.#paths.add({ label: unreadName, inside: spot });
      return undefined;
    }
    if (before === undefined) this.#names.set(name, shown);
    if (shown !== name) this.#paths.add({ label: shown, inside: spot });
    return shown;
  }

  unreadName(index: number): string {
    return this.#placeholders.forUnreadName(index);
  }

  #readName(name: string): string | undefined {
    const met = this.#work.met.get(name);
    if (met === true && !this.#found.has(name)) return name;
    const before = this.#unwrapped;
    if (this.#work.budget.isSpent || (met === undefined && !this.#note(name, false))) return undefined;
    if (met === undefined) this.#work.budget.spend(perName);
    const masked = this.#maskContent(name, true);
    if (masked !== name) this.#countContent();
    else if (met === undefined) this.#work.met.set(name, before === this.#unwrapped);
    return masked;
  }

  text(text: string, spot: Spot | undefined, place: Place): string {
    if (text === '' || isPlaceholder(text)) return text;
    if (this.#work.known.has(text) || hides(place, text)) {
      if (place === 'value' && isTelling(text)) this.#hidden.add(text);
      return this.#hide(text, spot);
    }
    if (text.length < shortestText) return text;
    // Remembering a short text costs more than looking at it again.
    if (text.length < shortestTelling && place === 'plain' && !this.#reader.mayHoldSecret(text)) return text;
    const met = this.#work.met.get(text);
    if (met === true && !this.#found.has(text)) return text;
    if (met === undefined && place === 'plain' && isPlainlyHarmless(text))
      return this.#note(text, true) ? text : this.#hideUnread(text, spot);
    return this.#maskMet(text, spot, place);
  }

  #maskMet(text: string, spot: Spot | undefined, place: Place): string {
    const isNew = !this.#work.met.has(text);
    if (!this.#mayHoldSecret(text)) {
      if (isNew && !this.#note(text, true)) return this.#hideUnread(text, spot);
      return text;
    }
    if (this.#work.budget.isSpent) return this.#hideUnread(text, spot);
    if (isNew && !this.#note(text, false)) return this.#hideUnread(text, spot);
    const before = this.#unwrapped;
    const proof = isProof(spot);
    const masked = this.#maskContent(text, proof, place === 'address');
    if (masked === text) {
      if (isNew) this.#work.met.set(text, !proof && place !== 'address' && before === this.#unwrapped);
      return text;
    }
    this.#countContent();
    this.#paths.add(spot);
    return masked;
  }

  #countContent(): void {
    this.#contents += 1;
    if (this.#contents >= maxContents) this.#work.budget.exhaust();
  }

  /** Remembers a text that was met for the first time; false where a detector wants it that has too many to look at. */
  #note(text: string, isClean: boolean): boolean {
    if (text.length >= shortestSecret && this.#work.isCandidate(text)) {
      if (this.candidates.length >= this.#maxCandidates) return false;
      this.candidates.push(text);
    }
    this.#work.met.set(text, isClean);
    return true;
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
      if (!this.#work.met.has(masked) && !this.#note(masked, false)) break;
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
    const inner = this.#inside(this.#placeholders, () => walkValue(nested, unwrapped, this));
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
      return !this.#work.met.has(decoded) && !this.#note(decoded, true);
    }
    if (this.#wrapping >= maxWrapping) return true;
    return this.#inside(new Placeholders(nothingTaken), () => walkValue(decoded, unwrapped, this)).count > 0;
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

  #hideUnread(text: string, spot: Spot | undefined): string {
    this.#hidUnread = true;
    this.#paths.add(spot);
    return this.#placeholders.forUnread(text);
  }
}

/** What a name costs that was not met before, beside what reading it does: its words are told apart. */
const perName = 100;
const unreadName = '…';

/** What JSON in a text costs beside its characters. */
const perNested = 250;

/** Shorter texts hold no secret that its content tells. */
const shortestText = 6;
const shortestSecret = 16;
/** Who encodes a user's name, a colon and a word makes credentials of HTTP's Basic scheme. Source: RFC 7617. */
const basicCredentials = /^(?!sha\d|md5|urn|https?|arn|spdx)[\w.@+-]{1,64}:(?![/\d]{1,20}$)[\x21-\x7e]{6,200}$/i;
const none: readonly Range[] = [];

/** What is wrapped in a text stands nowhere that tells anything. */
const unwrapped: Standing = { spot: undefined, place: 'plain', known: {}, depth: 0 };
const nothingTaken: ReadonlySet<number> = new Set();
