/** The rules of many triggers, so that those that match an event are found without asking all of them. */
import { type Event, lifecyclePrefix } from './event.ts';
import { EventFields } from './event-fields.ts';
import { type EventRule, matchesRest } from './event-rule.ts';

/** By the keys of their triggers. */
type Listeners = Map<string, EventRule[]>;

/** Of one domain: by the type, or by the beginning of types. */
interface DomainRules {
  readonly byType: Map<string, Listeners>;
  readonly byPrefix: Map<string, Listeners>;
}

/** Keys are those of triggers: each belongs to one domain. */
export class RuleIndex {
  readonly #domains = new Map<string, DomainRules>();
  readonly #triggers = new Map<string, { readonly domain: string; readonly rules: readonly EventRule[] }>();

  /** How many triggers have rules. */
  get size(): number {
    return this.#triggers.size;
  }

  /** Takes the place of the rules that this trigger had. */
  set(key: string, domain: string, rules: readonly EventRule[]): void {
    this.delete(key);
    this.#triggers.set(key, { domain, rules });
    const of = this.#domains.get(domain) ?? { byType: new Map(), byPrefix: new Map() };
    this.#domains.set(domain, of);
    for (const rule of rules) {
      const listeners = listenersTo(rule, of);
      const own = listeners.get(key);
      if (own === undefined) listeners.set(key, [rule]);
      else own.push(rule);
    }
  }

  /** Takes as long as the trigger has rules, however many others there are. */
  delete(key: string): void {
    const trigger = this.#triggers.get(key);
    const of = trigger === undefined ? undefined : this.#domains.get(trigger.domain);
    if (trigger === undefined || of === undefined) return;
    this.#triggers.delete(key);
    for (const { type, isPrefix } of trigger.rules) {
      const map = isPrefix ? of.byPrefix : of.byType;
      const listeners = map.get(type);
      listeners?.delete(key);
      if (listeners?.size === 0) map.delete(type);
    }
    if (of.byType.size + of.byPrefix.size === 0) this.#domains.delete(trigger.domain);
  }

  /** The triggers that fire, each once. Throws what `fields` throws when they have looked at too much. */
  match(event: Event, fields = new EventFields(event)): readonly string[] {
    const of = event.verb === 'NOTIFIED' ? undefined : this.#domains.get(event.domain);
    if (of === undefined) return [];
    const found = new Set<string>();
    const isMatch = (rule: EventRule): boolean => {
      fields.step();
      return matchesRest(rule, event, fields);
    };
    const collect = (listeners: Listeners | undefined): void => {
      for (const [key, rules] of listeners ?? []) if (!found.has(key) && rules.some(isMatch)) found.add(key);
    };
    collect(of.byType.get(event.type));
    if (of.byPrefix.size > 0) {
      const isLifecycle = event.type.startsWith(lifecyclePrefix);
      if (!isLifecycle) collect(of.byPrefix.get(''));
      for (let dot = event.type.indexOf('.'); dot >= 0; dot = event.type.indexOf('.', dot + 1)) {
        collect(of.byPrefix.get(event.type.slice(0, dot + 1)));
      }
    }
    return [...found];
  }
}

function listenersTo({ type, isPrefix }: EventRule, { byType, byPrefix }: DomainRules): Listeners {
  const map = isPrefix ? byPrefix : byType;
  const known = map.get(type);
  if (known !== undefined) return known;
  const made: Listeners = new Map();
  map.set(type, made);
  return made;
}
