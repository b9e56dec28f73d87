/**
 * The rules of event triggers, compiled, as this node knows them: read once, and then followed by version. Who publishes by them says
 * by which version; the store refuses what was decided by another one, and then what has changed is read before it is decided again.
 */
import type { Definition } from '../core/definition.ts';
import { ownerOf } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import { type Event, lifecyclePrefix, type NewEvent } from '../core/event.ts';
import { causeOf, type EventCause, textOfEvent } from '../core/event-cause.ts';
import { EventFields, mostSteps } from '../core/event-fields.ts';
import { type EventRule, parseRules } from '../core/event-rule.ts';
import { RuleIndex } from '../core/rule-index.ts';
import type { Trigger } from '../core/trigger.ts';
import { readTrigger } from '../core/trigger-record.ts';
import type { Logger } from '../ports/logger.ts';
import type { DefinitionPlace } from '../ports/store/definitions.ts';
import type { Store } from '../ports/store/store.ts';

/** What follows from an event. */
export interface Matched {
  /** How many triggers match it, also those that are paused. */
  readonly triggers: number;
  /** What was looked at to find them (core/event-fields.ts). */
  readonly steps: number;
  /** Of each trigger, once; each made when it is asked for. */
  readonly causes: Iterable<EventCause>;
}

export interface Rules {
  /** Of the rules that decide; `null`: none were read yet. */
  version(): number | null;
  /** How many triggers have any. */
  size(): number;
  /**
   * Since when triggers listen to what Hatstand itself tells, in Unix milliseconds; `null`: none does.
   */
  lifecycleSince(): number | null;
  /** Whether a rule is for events of this type. */
  isFor(type: string): boolean;
  /**
   * What the event causes. Throws `too_large` for one that was published, when its documents and the rules take more than `mostSteps`.
   *
   * @param now the store's present
   * @param told of an event that Hatstand told: when, and how deep what it causes is
   */
  match(event: NewEvent, now: number, told?: Told): Matched;
  /** Reads what has changed. One who comes while that is under way gets what is read behind it. */
  catchUp(): Promise<void>;
}

const group = 'event';
const pageSize = 500;
const nothing: Matched = { triggers: 0, steps: 0, causes: [] };

/** One trigger. */
interface Known {
  readonly definition: Definition;
  readonly trigger: Trigger;
  readonly rules: readonly EventRule[];
}

interface Told {
  readonly at: number;
  readonly depth: number;
}

const isOfLifecycle = ({ type }: EventRule): boolean => type.startsWith(lifecyclePrefix);

export function makeRules({ store: { definitions }, log }: { readonly store: Store; readonly log: Logger }): Rules {
  let index = new RuleIndex();
  let known = new Map<string, Known>();
  /** Up to which version of all triggers it was read; `null`: they were not. */
  let followed: number | null = null;
  let version: number | null = null;
  let underWay: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  /** One that cannot be read fires nothing, and is in nobody's way. */
  function take(definition: Definition): void {
    const owner = ownerOf(definition);
    known.delete(owner);
    index.delete(owner);
    if (definition.body === null || definition.group !== group) return;
    try {
      const trigger = readTrigger(definition.body);
      const rules = parseRules(trigger.arguments);
      index.set(owner, definition.domain, rules);
      known.set(owner, { definition: { ...definition, body: '' }, trigger, rules });
    } catch (error) {
      log.error('trigger.unreadable', { trigger: owner, error: messageOf(error) });
    }
  }

  /** All of them. What changes meanwhile is read behind it. */
  async function readAll(): Promise<number> {
    version = null;
    index = new RuleIndex();
    known = new Map();
    let from: DefinitionPlace | null = null;
    let first: number | null = null;
    do {
      const page = await definitions.list({ by: 'place', kind: 'trigger', domain: null, group, from, limit: pageSize });
      first ??= page.newest;
      page.definitions.forEach(take);
      from = page.next;
    } while (from !== null);
    return first;
  }

  /** Until the last page is taken, nobody decides by some of the changes alone. */
  async function read(): Promise<void> {
    let after: number = followed ?? (await readAll());
    for (let more = true; more; ) {
      const page = await definitions.list({ by: 'version', kind: 'trigger', after, limit: pageSize, group });
      // Removals were swept, or the store was rewound: nobody knows what is missing.
      const isLost = !page.complete || page.newest < after;
      if (isLost) after = await readAll();
      else page.definitions.forEach(take);
      after = isLost ? after : (page.definitions.at(-1)?.version ?? page.newest);
      more = isLost || page.more;
      version = more ? null : page.newestOfGroup;
    }
    followed = after;
  }

  function catchUp(): Promise<void> {
    if (underWay === null) {
      underWay = read()
        .catch((error: unknown) => {
          followed = null;
          throw error;
        })
        .finally(() => {
          underWay = null;
        });
      return underWay;
    }
    next ??= underWay
      .catch(() => undefined)
      .then(() => {
        next = null;
        return catchUp();
      });
    return next;
  }

  function* causesOf(owners: readonly string[], event: NewEvent, now: number, told: Told | undefined): Iterable<EventCause> {
    if (owners.length === 0) return;
    const text = textOfEvent(event);
    for (const owner of owners) {
      const found = known.get(owner);
      // What was told before somebody wanted to hear of it is no news.
      if (found === undefined || (told !== undefined && told.at < found.trigger.since)) continue;
      const cause = causeOf(found.definition, found.trigger, text, now, told?.depth);
      if (cause !== null) yield cause;
    }
  }

  return {
    version: () => version,
    size: () => index.size,
    lifecycleSince() {
      const since = [...known.values()].flatMap(({ rules, trigger }) => (rules.some(isOfLifecycle) ? trigger.since : []));
      return since.length === 0 ? null : Math.min(...since);
    },
    isFor: (type) =>
      [...known.values()].some(({ rules }) => rules.some((rule) => (rule.isPrefix ? type.startsWith(rule.type) : rule.type === type))),
    match(event, now, told) {
      if (index.size === 0) return nothing;
      const asked = matchable(event);
      // Hatstand's own documents are short.
      const fields = new EventFields(asked, told === undefined ? mostSteps : Number.POSITIVE_INFINITY);
      const owners = index.match(asked, fields);
      return { triggers: owners.length, steps: fields.steps, causes: causesOf(owners, event, now, told) };
    },
    catchUp,
  };
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
