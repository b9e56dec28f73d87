/** The rules of many triggers, so that those that match an event are found without asking all of them. */
import { type Event, lifecyclePrefix } from './event.ts';
import { type EventRule, matchesRest } from './event-rule.ts';

interface Entry {
  readonly key: string;
  readonly rule: EventRule;
}

/** Of one domain: by the type, or by the beginning of types. */
interface DomainRules {
  readonly byType: Map<string, Entry[]>;
  readonly byPrefix: Map<string, Entry[]>;
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
      const map = rule.isPrefix ? of.byPrefix : of.byType;
      const entries = map.get(rule.type);
      if (entries === undefined) map.set(rule.type, [{ key, rule }]);
      else entries.push({ key, rule });
    }
  }

  delete(key: string): void {
    const trigger = this.#triggers.get(key);
    const of = trigger === undefined ? undefined : this.#domains.get(trigger.domain);
    if (trigger === undefined || of === undefined) return;
    this.#triggers.delete(key);
    for (const { type, isPrefix } of trigger.rules) {
      const map = isPrefix ? of.byPrefix : of.byType;
      const rest = (map.get(type) ?? []).filter((entry) => entry.key !== key);
      if (rest.length > 0) map.set(type, rest);
      else map.delete(type);
    }
    if (of.byType.size + of.byPrefix.size === 0) this.#domains.delete(trigger.domain);
  }

  /** The triggers that fire, each once. */
  match(event: Event): readonly string[] {
    const of = event.verb === 'NOTIFIED' ? undefined : this.#domains.get(event.domain);
    if (of === undefined) return [];
    const found = new Set<string>();
    collect(of.byType.get(event.type), event, found);
    if (of.byPrefix.size > 0) {
      const isLifecycle = event.type.startsWith(lifecyclePrefix);
      if (!isLifecycle) collect(of.byPrefix.get(''), event, found);
      for (let dot = event.type.indexOf('.'); dot >= 0; dot = event.type.indexOf('.', dot + 1)) {
        collect(of.byPrefix.get(event.type.slice(0, dot + 1)), event, found);
      }
    }
    return [...found];
  }
}

function collect(entries: readonly Entry[] | undefined, event: Event, found: Set<string>): void {
  for (const { key, rule } of entries ?? []) if (!found.has(key) && matchesRest(rule, event)) found.add(key);
}
