/**
 * The fields of one event's documents that rules ask for. Each is walked once, however many rules ask for it, and what is looked at
 * is counted: many rules and large documents cost the process no more than a bounded time, and that with pauses.
 */
import { HatstandError } from './errors.ts';
import type { Event } from './event.ts';
import { isSameJson, textsAt, valuesAt } from './selector.ts';
import type { ValueList } from './value-list.ts';
import type { Walk } from './walk.ts';

/** Values of its documents, and rules, that are looked at for one event: about a tenth of a second. */
export const mostSteps = 1_000_000;
/** Between two pauses. */
export const stepsAtOnce = 25_000;

type Values = readonly string[] | ReadonlySet<string> | ValueList;

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

  /** A rule is looked at, or a value. Answers whether others should have their turn. */
  readonly step = (): boolean => {
    this.#steps += 1;
    if (this.#steps <= this.#most) return this.#steps % stepsAtOnce === 0;
    const message = `To match this event, the rules of triggers would look at more than ${this.#most} values of its documents. Publish it with shorter lists in them, or without documents; or let fewer rules look at fields.`;
    throw new HatstandError('too_large', message, { field: 'doc', limit: this.#most });
  };

  /** Whether the field has one of these values, in the document as it is or as it was. */
  *hasOne(selector: string, values: Values): Walk<boolean> {
    const texts = yield* this.#textsAt(selector);
    const [few, many] = texts.size < sizeOf(values) ? [texts, values] : [values, texts];
    for (const text of few) {
      if (this.step()) yield;
      if (hasValue(many, text)) return true;
    }
    return false;
  }

  /** Whether the update changed the field; `false` too when nobody told what the document was before. */
  isChanged(selector: string): boolean | Walk<boolean> {
    return this.#changed.get(selector) ?? this.#compare(selector);
  }

  *#compare(selector: string): Walk<boolean> {
    const { doc, old } = this.#event;
    const at = (version: unknown): Walk<readonly unknown[]> => valuesAt(version, selector, this.step);
    const changed = old !== null && old !== undefined && !(yield* isSameJson(yield* at(doc), yield* at(old), this.step));
    this.#changed.set(selector, changed);
    return changed;
  }

  *#textsAt(selector: string): Walk<ReadonlySet<string>> {
    const known = this.#texts.get(selector);
    if (known !== undefined) return known;
    const { doc, old } = this.#event;
    const texts = yield* textsAt(old, selector, this.step, yield* textsAt(doc, selector, this.step));
    this.#texts.set(selector, texts);
    return texts;
  }
}
