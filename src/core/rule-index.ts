/** The rules of many triggers, so that those that match an event are found without asking all of them. */
import { type Event, lifecyclePrefix } from './event.ts';
import { EventFields } from './event-fields.ts';
import { type EventRule, matchesRest } from './event-rule.ts';

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
  match(event: Event, fields = new EventFields(event)): readonly string[] {
    const of = event.verb === 'NOTIFIED' ? undefined : this.#domains.get(event.domain);
    if (of === undefined) return [];
    const found = new Set<string>();
    const collect = (type: string): void => {
      const known = of.get(type);
      const isMatch = (rule: EventRule): boolean => {
        if (rule.type !== type) return false;
        fields.step();
        return matchesRest(rule, event, fields);
      };
      for (const { key, rules } of known === undefined ? [] : known instanceof Set ? known : [known])
        if (!found.has(key) && rules.some(isMatch)) found.add(key);
    };
    collect(event.type);
    if (!event.type.startsWith(lifecyclePrefix)) collect('');
    for (let dot = event.type.indexOf('.'); dot >= 0; dot = event.type.indexOf('.', dot + 1)) collect(event.type.slice(0, dot + 1));
    return [...found];
  }
}
