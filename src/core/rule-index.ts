/** The rules of many triggers, so that those that match an event are found without asking all of them. */
import { type Event, lifecyclePrefix } from './event.ts';
import { EventFields } from './event-fields.ts';
import { type EventRule, matchesRest } from './event-rule.ts';
import type { Walk } from './walk.ts';

interface Listener {
  /** Of a trigger, which belongs to one domain. */
  readonly key: string;
  readonly domain: string;
  readonly rules: readonly EventRule[];
}

/** Most types have one listener: it stands there alone, since a set would take many times as much as the rule. */
type Listeners = Listener | Set<Listener>;

/** Of one domain. A type, or the beginning of types: that ends with a dot, or is empty, and so is no type. */
type DomainRules = Map<string, Listeners>;

export class RuleIndex {
  readonly #domains = new Map<string, DomainRules>();
  readonly #triggers = new Map<string, Listener>();

  /** How many triggers have rules. */
  get size(): number {
    return this.#triggers.size;
  }

  /** Takes the place of the rules that this trigger had. */
  set(key: string, domain: string, rules: readonly EventRule[]): void {
    this.delete(key);
    const listener = { key, domain, rules };
    this.#triggers.set(key, listener);
    const of: DomainRules = this.#domains.get(domain) ?? new Map();
    this.#domains.set(domain, of);
    for (const { type } of rules) {
      const known = of.get(type);
      if (known instanceof Set) known.add(listener);
      else if (known !== listener) of.set(type, known === undefined ? listener : new Set([known, listener]));
    }
  }

  /** Takes as long as the trigger has rules, however many others there are. */
  delete(key: string): void {
    const listener = this.#triggers.get(key);
    const of = listener === undefined ? undefined : this.#domains.get(listener.domain);
    if (listener === undefined || of === undefined) return;
    this.#triggers.delete(key);
    for (const { type } of listener.rules) {
      const known = of.get(type);
      if (known instanceof Set) known.delete(listener);
      if (known === listener || (known instanceof Set && known.size === 0)) of.delete(type);
    }
    if (of.size === 0) this.#domains.delete(listener.domain);
  }

  /** The triggers that fire, each once. Throws what `fields` throws when they have looked at too much. */
  *match(event: Event, fields = new EventFields(event)): Walk<readonly string[]> {
    const of = event.verb === 'NOTIFIED' ? undefined : this.#domains.get(event.domain);
    if (of === undefined) return [];
    const found = new Set<string>();
    for (const type of typesFor(event.type)) {
      const known = of.get(type);
      for (const { key, rules } of known === undefined ? [] : known instanceof Set ? known : [known])
        if (!found.has(key) && (yield* matchesOne(rules, type, event, fields))) found.add(key);
    }
    return [...found];
  }
}

/** What a rule for events of this type may be for: the type, the beginnings of it, and all types. */
function* typesFor(type: string): Iterable<string> {
  yield type;
  if (!type.startsWith(lifecyclePrefix)) yield '';
  for (let dot = type.indexOf('.'); dot >= 0; dot = type.indexOf('.', dot + 1)) yield type.slice(0, dot + 1);
}

/** Whether one of the rules for this type matches. */
function* matchesOne(rules: readonly EventRule[], type: string, event: Event, fields: EventFields): Walk<boolean> {
  for (const rule of rules) {
    if (rule.type !== type) continue;
    if (fields.step()) yield;
    const matched = matchesRest(rule, event, fields);
    if (typeof matched === 'boolean' ? matched : yield* matched) return true;
  }
  return false;
}
