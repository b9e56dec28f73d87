/**
 * The rules of event triggers, compiled, as this node knows them: read once, and then followed by version. Who publishes by them says
 * by which version; the store refuses what was decided by another one, and then what has changed is read before it is decided again.
 */
import { type Definition, ownerOf } from '../core/definition.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { NewEvent } from '../core/event.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { DefinitionPlace } from '../ports/store/definitions.ts';
import type { Store } from '../ports/store/store.ts';
import { inTurns, makeTurns } from './api/turns.ts';
import { setAsideUnread } from './readable.ts';
import { type Matched, RuleBook, type Told } from './rule-book.ts';

export interface Rules {
  /** Of the rules that decide; `null`: none were read yet, or some of what has changed is still being read, so nobody may decide now. */
  version(): number | null;
  /** How many triggers have any. */
  size(): number;
  /**
   * Since when triggers listen to what Hatstand itself tells, in Unix milliseconds; `null`: none does.
   */
  lifecycleSince(): number | null;
  /** Whether a rule is for events of this type, which Hatstand itself tells. */
  isForLifecycle(type: string): boolean;
  /**
   * What the event causes. When that takes long, others have their turn meanwhile, and the rules may change: then it is decided by no
   * version. Throws `too_large` for one that was published, when its documents and the rules take more than `mostSteps`.
   *
   * @param now the store's present
   * @param told of an event that Hatstand told: when, and how deep what it causes is
   */
  match(event: NewEvent, now: number, told?: Told): Promise<Matched>;
  /** Reads what has changed. One who comes while that is under way gets what is read behind it. */
  catchUp(): Promise<void>;
}

/** How often the rules may change while one decision is made and carried out. */
const mostTries = 32;

/**
 * Decides by the rules that are known, and once more by those that have changed, until `attempt` answers that what it decided was done.
 * Throws `conflict` when they change again and again.
 */
export async function byRules(
  rules: Pick<Rules, 'version' | 'catchUp'>,
  attempt: (version: number, isFirst: boolean) => Promise<boolean>,
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    if (rules.version() === null || tries > 0) await rules.catchUp();
    const version = rules.version();
    // Others have begun to read what has changed meanwhile.
    if (version !== null && (await attempt(version, tries === 0))) return;
  }
  throw new HatstandError('conflict', 'The triggers of events are changed again and again by others. Try again.');
}

const group = 'event';
const pageSize = 500;

/** Read up to a version of all triggers. */
interface Read {
  readonly book: RuleBook;
  readonly after: number;
}

export interface RulesParts {
  readonly store: Store;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'soon'>;
}

export function makeRules({ store, log, clock }: RulesParts): Rules {
  const { definitions } = store;
  const turns = makeTurns(clock.soon);
  let book = new RuleBook();
  /** Up to which version of all triggers it was read; `null`: they were not. */
  let followed: number | null = null;
  let version: number | null = null;
  let underWay: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  /** One that cannot be read fires nothing, and is in nobody's way. */
  function take(into: RuleBook, definition: Definition): void {
    try {
      if (definition.body === null || definition.group !== group) into.remove(definition);
      else into.put(definition);
    } catch (error) {
      log.error('trigger.unreadable', { trigger: ownerOf(definition), error: messageOf(error) });
      // In nobody's way: if it fails, whoever meets it next tries again.
      setAsideUnread(store, definition).catch(() => undefined);
    }
  }

  /** All of them, into a new book: the old one is whole, and tells by which version. What changes meanwhile is read behind it. */
  async function readAll(): Promise<Read> {
    const anew = new RuleBook();
    let from: DefinitionPlace | null = null;
    let first: number | null = null;
    do {
      const page = await definitions.list({ by: 'place', kind: 'trigger', domain: null, group, from, limit: pageSize });
      first ??= page.newest;
      for (const definition of page.definitions) take(anew, definition);
      from = page.next;
    } while (from !== null);
    return { book: anew, after: first };
  }

  /** Until the last page is taken, nobody decides by some of the changes alone. */
  async function read(): Promise<void> {
    let at: Read = followed === null ? await readAll() : { book, after: followed };
    for (let more = true; more; ) {
      const page = await definitions.list({ by: 'version', kind: 'trigger', after: at.after, limit: pageSize, group });
      // Removals were swept, or the store was rewound: nobody knows what is missing.
      const isLost = !page.complete || page.newest < at.after;
      if (isLost) at = await readAll();
      else for (const definition of page.definitions) take(at.book, definition);
      if (!isLost) at = { book: at.book, after: page.definitions.at(-1)?.version ?? page.newest };
      more = isLost || page.more;
      if (!more) [book, version] = [at.book, page.newestOfGroup];
      else if (at.book === book) version = null;
    }
    followed = at.after;
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

  return {
    version: () => version,
    size: () => book.size,
    lifecycleSince: () => book.lifecycleSince(),
    isForLifecycle: (type) => book.isForLifecycle(type),
    match: (event, now, told) => inTurns(turns, book.match(event, now, told)),
    catchUp,
  };
}
