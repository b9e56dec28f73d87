/** The rules of event triggers, compiled, as they were read. */
import { type Definition, ownerOf } from '../core/definition.ts';
import { type Event, lifecyclePrefix, type NewEvent } from '../core/event.ts';
import { causeOf, type EventCause, textOfEvent } from '../core/event-cause.ts';
import { EventFields, mostSteps } from '../core/event-fields.ts';
import { type EventRule, matchesType, parseRules } from '../core/event-rule.ts';
import { RuleIndex } from '../core/rule-index.ts';
import type { Trigger } from '../core/trigger.ts';
import { readTrigger } from '../core/trigger-record.ts';
import type { Walk } from '../core/walk.ts';

/** What follows from an event. */
export interface Matched {
  /** How many triggers match it, also those that are paused. */
  readonly triggers: number;
  /** What was looked at to find them (core/event-fields.ts). */
  readonly steps: number;
  /** Of each trigger, once; each made when it is asked for. */
  readonly causes: Iterable<EventCause>;
}

/** Of an event that Hatstand told: when, how deep what it causes is, and which trigger it is about, or pushed its job. */
export interface Told {
  readonly at: number;
  readonly depth: number;
  readonly owner: string;
}

/** One trigger. */
interface Known {
  readonly definition: Definition;
  readonly trigger: Trigger;
  /** Those for what Hatstand itself tells. */
  readonly lifecycle: readonly EventRule[];
}

const nothing: Matched = { triggers: 0, steps: 0, causes: [] };

const isOfLifecycle = ({ type }: EventRule): boolean => type.startsWith(lifecyclePrefix);

export class RuleBook {
  readonly #index = new RuleIndex();
  readonly #known = new Map<string, Known>();
  /** Of `#known`, those with rules for what Hatstand itself tells. */
  readonly #lifecycle = new Map<string, Known>();
  /** What was found out about these, until they change. */
  #since: number | null | undefined;
  readonly #isFor = new Map<string, boolean>();

  get size(): number {
    return this.#index.size;
  }

  /** Takes the place of what was known of this trigger. Throws for one that nobody can read, which has no rules then. */
  put(definition: Definition): void {
    const owner = ownerOf(definition);
    this.remove(definition);
    const trigger = readTrigger(definition.body);
    const rules = parseRules(trigger.arguments);
    const known: Known = { definition: { ...definition, body: '' }, trigger, lifecycle: rules.filter(isOfLifecycle) };
    this.#index.set(owner, definition.domain, rules);
    this.#known.set(owner, known);
    if (known.lifecycle.length > 0) this.#lifecycle.set(owner, known);
  }

  remove(definition: Definition): void {
    const owner = ownerOf(definition);
    this.#index.delete(owner);
    this.#known.delete(owner);
    this.#lifecycle.delete(owner);
    this.#since = undefined;
    this.#isFor.clear();
  }

  /** Since when the first of the triggers listens to what Hatstand itself tells; `null`: none does. */
  lifecycleSince(): number | null {
    if (this.#since === undefined) {
      const earlier = (first: number | null, { trigger: { since } }: Known): number => Math.min(first ?? since, since);
      this.#since = [...this.#lifecycle.values()].reduce<number | null>(earlier, null);
    }
    return this.#since;
  }

  /** Whether a rule is for events of this type, which Hatstand itself tells. */
  isForLifecycle(type: string): boolean {
    const isFor =
      this.#isFor.get(type) ?? [...this.#lifecycle.values()].some(({ lifecycle }) => lifecycle.some((rule) => matchesType(rule, type)));
    this.#isFor.set(type, isFor);
    return isFor;
  }

  /** See `Rules.match`. */
  *match(event: NewEvent, now: number, told?: Told): Walk<Matched> {
    if (this.#index.size === 0) return nothing;
    const asked = matchable(event);
    // Hatstand's own documents are short.
    const fields = new EventFields(asked, told === undefined ? mostSteps : Number.POSITIVE_INFINITY);
    const owners = yield* this.#index.match(asked, fields);
    return { triggers: owners.length, steps: fields.steps, causes: this.#causesOf(owners, event, now, told) };
  }

  *#causesOf(owners: readonly string[], event: NewEvent, now: number, told: Told | undefined): Iterable<EventCause> {
    if (owners.length === 0) return;
    const text = textOfEvent(event);
    for (const owner of owners) {
      const found = this.#known.get(owner);
      // What was told before somebody wanted to hear of it is no news.
      if (found === undefined || (told !== undefined && told.at < found.trigger.since)) continue;
      // Or it would fire itself again and again.
      if (told?.owner === owner) continue;
      const cause = causeOf(found.definition, found.trigger, text, now, told?.depth);
      if (cause !== null) yield cause;
    }
  }
}

/** Its documents are parsed when a rule asks for them: most rules do not. */
function matchable({ domain, type, verb, id, doc, old }: NewEvent): Event {
  const [now, before] = [lazily(doc), lazily(old)];
  return {
    ...{ domain, type, verb, id },
    get doc() {
      return now();
    },
    get old() {
      return before();
    },
  };
}

function lazily(text: string | null): () => unknown {
  let parsed: { readonly value: unknown } | null = null;
  return () => {
    parsed ??= { value: text === null ? null : JSON.parse(text) };
    return parsed.value;
  };
}
