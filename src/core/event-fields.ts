/**
 * The fields of one event's documents that rules ask for. Each is walked once, however many rules ask for it, and what is looked at
 * is counted: many rules and large documents cost the process no more than a bounded time.
 */
import { HatstandError } from './errors.ts';
import type { Event } from './event.ts';
import { isSameJson, textsAt, valuesAt } from './selector.ts';

/** Values of its documents, and rules, that are looked at for one event: about a tenth of a second. */
export const mostSteps = 1_000_000;

/** Few in a list, many in a set. */
type Values = readonly string[] | ReadonlySet<string>;

const sizeOf = (values: Values): number => ('size' in values ? values.size : values.length);
export const hasValue = (values: Values, text: string): boolean => ('has' in values ? values.has(text) : values.includes(text));

export class EventFields {
  readonly #event: Event;
  readonly #most: number;
  readonly #texts = new Map<string, ReadonlySet<string>>();
  readonly #changed = new Map<string, boolean>();
  #steps = 0;

  /** @param most steps; more throw `too_large` */
  constructor(event: Event, most = Number.POSITIVE_INFINITY) {
    this.#event = event;
    this.#most = most;
  }

  /** How many values and rules were looked at. */
  get steps(): number {
    return this.#steps;
  }

  /** A rule is looked at, or a value. */
  readonly step = (): void => {
    this.#steps += 1;
    if (this.#steps <= this.#most) return;
    const message = `To match this event, the rules of triggers would look at more than ${this.#most} values of its documents. Publish it with shorter lists in them, or without documents; or let fewer rules look at fields.`;
    throw new HatstandError('too_large', message, { field: 'doc', limit: this.#most });
  };

  /** Whether the field has one of these values, in the document as it is or as it was. */
  hasOne(selector: string, values: Values): boolean {
    const texts = this.#textsAt(selector);
    const [few, many] = texts.size < sizeOf(values) ? [texts, values] : [values, texts];
    for (const text of few) {
      this.step();
      if (hasValue(many, text)) return true;
    }
    return false;
  }

  /** Whether the update changed the field; `false` too when nobody told what the document was before. */
  isChanged(selector: string): boolean {
    const known = this.#changed.get(selector);
    if (known !== undefined) return known;
    const { doc, old } = this.#event;
    const at = (version: unknown): readonly unknown[] => valuesAt(version, selector, this.step);
    const changed = old !== null && old !== undefined && !isSameJson(at(doc), at(old), this.step);
    this.#changed.set(selector, changed);
    return changed;
  }

  #textsAt(selector: string): ReadonlySet<string> {
    const known = this.#texts.get(selector);
    if (known !== undefined) return known;
    const { doc, old } = this.#event;
    const texts = new Set(textsAt(doc, selector, this.step));
    for (const text of textsAt(old, selector, this.step)) texts.add(text);
    this.#texts.set(selector, texts);
    return texts;
  }
}
