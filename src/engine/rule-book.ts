/** The rules of event triggers, compiled, as they were read. */
import { type Definition, ownerOf } from '../core/definition.ts';
import { type Event, lifecyclePrefix, type NewEvent } from '../core/event.ts';
import { causeOf, type EventCause } from '../core/event-cause.ts';
import { type EventRule, matchesType, parseRules } from '../core/event-rule.ts';
import { RuleIndex } from '../core/rule-index.ts';
import { readTrigger, type Trigger } from '../core/trigger.ts';

/** One trigger. */
interface Known {
  readonly definition: Definition;
  readonly trigger: Trigger;
  /** Those for what Hatstand itself tells. */
  readonly lifecycle: readonly EventRule[];
}

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

  /** The triggers that match, by their owners. */
  match(event: NewEvent): readonly string[] {
    return this.#index.size === 0 ? [] : this.#index.match(matchable(event));
  }

  /** See `Rules.causes`. */
  causes(event: NewEvent, now: number, told?: { readonly at: number; readonly depth: number }): readonly EventCause[] {
    return this.match(event).flatMap((owner) => {
      const found = this.#known.get(owner);
      // What was told before somebody wanted to hear of it is no news.
      if (found === undefined || (told !== undefined && told.at < found.trigger.since)) return [];
      return causeOf(found.definition, found.trigger, event, now, told?.depth) ?? [];
    });
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
