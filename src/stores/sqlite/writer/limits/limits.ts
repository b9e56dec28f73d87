/** Limits: what is set for keys of jobs, and what jobs have used of it. Those without a limit cost one look at a map. */
import { messageOf } from '../../../../core/errors.ts';
import {
  bucketsKeptFor,
  checkKeptTime,
  countKeys,
  holdsBack,
  isPattern,
  keysOf,
  type LimitRecord,
  type LimitSettings,
  leftOf,
  mostLimits,
  namesFor,
  noLimit,
  parkedAtOnce,
  resumedBy,
  roomIn,
  spend,
  waitFor,
  waitsLonger,
} from '../../../../core/limit.ts';
import { checkKeptSettings, type RateBucket, refill } from '../../../../core/queue.ts';
import { unreadableId } from '../../../../core/unreadable.ts';
import type { Pushed } from '../../../../ports/store/jobs.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { prepareRows } from '../../file/database.ts';
import type { NewJobRow } from '../../file/rows/new-job.ts';
import { makeParking } from '../jobs/parking.ts';
import type { State } from '../state.ts';
import type { ScrubPart } from '../upkeep/scrub.ts';
import type { SweepPart } from '../upkeep/sweep.ts';
import type { SetAside } from '../upkeep/unreadable.ts';
import type { Counted } from './tally.ts';

export interface Limits {
  /** Of the limits that do not take these jobs now, the one that takes them last; `null`: all take them. */
  refusal(jobs: readonly NewJobRow[]): Extract<Pushed, { readonly kind: 'limited' }> | null;
  /** The job was pushed. */
  use(job: NewJobRow): void;
  /** The first key of the job of which as many run as may; `null`: it may run. */
  fullKey(job: Counted): string | null;
  /** Of each key that has room, as many parked jobs as it has room for are ready again. Answers how many. */
  letIn(): number;
  /** Until a limit is paused no more, in milliseconds; `null`: none is paused. */
  resumesIn(): number | null;
  readonly calls: WriterHandlers['limits'];
  readonly setAside: SetAside;
  /** Buckets that are full again. */
  readonly sweep: SweepPart;
  readonly scrub: ScrubPart;
}

export function makeLimits(state: State): Limits {
  const { db, clock, undo, aside, tally, hints } = state;
  const parking = makeParking(state);
  const known = new Map<string, LimitSettings>();
  let resumesAt: number | null = null;
  const buckets = makeBuckets(db);
  const keep = db.prepare('INSERT OR REPLACE INTO limits (name, concurrency, rate_max, rate_per, paused_until) VALUES (?, ?, ?, ?, ?)');
  const forget = db.prepare('DELETE FROM limits WHERE name = ?');
  const exists = prepareRows(db, 'SELECT 1 FROM limits WHERE name = ?');

  const remember = (name: string, settings: LimitSettings | undefined): void => {
    if (settings === undefined) known.delete(name);
    else known.set(name, settings);
    const all = [...known.values()];
    tally.keep(all.some(holdsBack));
    const paused = all.flatMap(({ pausedUntil }) => pausedUntil ?? []);
    resumesAt = paused.length === 0 ? null : Math.min(...paused);
  };
  const change = (name: string, settings: LimitSettings | undefined): void => {
    const before = known.get(name);
    undo.add(() => remember(name, before));
    remember(name, settings);
    for (const key of tally.waiting) tally.roomy.add(key);
    hints.readyAnyway();
  };
  const remove = (name: string): boolean => {
    change(name, undefined);
    return forget.run(name).changes > 0;
  };
  const setAside: SetAside = (name, reason) => {
    if (exists.get(name) === undefined) return false;
    aside.keep(unreadableId('limit', name), reason, { limit: ['limits', 'name = ?', name] });
    return remove(name);
  };
  const settingsFor = (key: string): LimitSettings | undefined => namesFor(key).flatMap((name) => known.get(name) ?? [])[0];
  const rateFor = (key: string): LimitSettings['rate'] => settingsFor(key)?.rate ?? null;
  const roomOf = (key: string): number => {
    const settings = settingsFor(key) ?? noLimit;
    return roomIn(settings, settings.concurrency === null ? 0 : tally.held(key), clock.now());
  };
  const configure = (name: string, settings: LimitSettings): void => {
    keep.run(name, settings.concurrency, settings.rate?.max ?? null, settings.rate?.per ?? null, settings.pausedUntil);
    change(name, settings);
  };
  const recordOf = (name: string, kept: LimitSettings): LimitRecord => {
    const settings = { name, ...resumedBy(kept, clock.now()) };
    const { rate } = settings;
    if (isPattern(name)) return { ...settings, left: null, held: null, parked: null };
    return {
      ...settings,
      left: rate === null ? null : leftOf(buckets.get(name), rate, clock.steady()),
      held: holdsBack(settings) ? tally.held(name) : null,
      parked: tally.waiting.has(name) ? parking.count(name) : 0,
    };
  };
  const resume = (): void => {
    if (resumesAt === null || clock.now() < resumesAt) return;
    for (const [name, settings] of [...known]) {
      const now = resumedBy(settings, clock.now());
      if (now !== settings) configure(name, now);
    }
  };

  for (const [name, ...cells] of prepareRows(db, 'SELECT name, concurrency, rate_max, rate_per, paused_until FROM limits').all()) {
    const [concurrency = null, max = null, per = null, pausedUntil = null] = cells.map((cell) => (cell === null ? null : Number(cell)));
    try {
      checkKeptSettings(concurrency, max, per);
      checkKeptTime(pausedUntil);
      remember(String(name), { concurrency, rate: max === null || per === null ? null : { max, per }, pausedUntil });
    } catch (error) {
      setAside(String(name), messageOf(error));
    }
  }

  const lookAtAll = (): void => {
    for (const key of parking.keys()) {
      tally.waiting.add(key);
      tally.roomy.add(key);
    }
  };
  lookAtAll();

  return {
    refusal(jobs) {
      if (known.size === 0) return null;
      let last: Extract<Pushed, { readonly kind: 'limited' }> | null = null;
      for (const [key, count] of countKeys(jobs)) {
        const rate = rateFor(key);
        const wait = rate === null ? 0 : waitFor(refill(buckets.get(key), rate, clock.steady()), rate, count);
        if (waitsLonger({ key, wait }, last)) last = { kind: 'limited', key, wait } as const;
      }
      return last;
    },
    use(job) {
      if (known.size === 0) return;
      for (const [key, count] of countKeys([job])) {
        const rate = rateFor(key);
        if (rate !== null) buckets.keep(key, spend(buckets.get(key), rate, count, clock.steady()));
      }
    },
    fullKey: (job) => keysOf(job).find((key) => roomOf(key) <= 0) ?? null,
    letIn() {
      let total = 0;
      resume();
      for (const key of tally.roomy) {
        if (total >= parkedAtOnce) break;
        const room = Math.min(parkedAtOnce - total, roomOf(key));
        const { count, more } = room <= 0 ? none : parking.letIn(key, room);
        total += count;
        if (more) continue;
        undo.add(() => {
          tally.waiting.add(key);
          tally.roomy.add(key);
        });
        tally.roomy.delete(key);
        if (room > 0) tally.waiting.delete(key);
      }
      return total;
    },
    resumesIn: () => (resumesAt === null ? null : Math.max(0, resumesAt - clock.now())),
    calls: {
      list: () => [...known].map(([name, settings]) => recordOf(name, settings)),
      configure(name, settings, onlyNew) {
        const there = known.get(name);
        if (there !== undefined && onlyNew) return { kind: 'exists', limit: recordOf(name, there) };
        if (there === undefined && known.size >= mostLimits) return { kind: 'tooMany' };
        configure(name, settings);
        return { kind: 'configured', limit: recordOf(name, settings) };
      },
      remove,
    },
    setAside,
    scrub: {
      checks: {
        limits() {
          lookAtAll();
          return { checked: 1, wrong: tally.isKept ? tally.recount() : 0 };
        },
      },
      walks: {},
    },
    sweep: ({ limit }) => {
      // Nobody is told how many they were: they say nothing any more.
      return { count: 0, more: buckets.sweep(clock.steady() - bucketsKeptFor, limit) === limit };
    },
  };
}

const none = { count: 0, more: false };

interface Buckets {
  get(key: string): RateBucket | undefined;
  keep(key: string, bucket: RateBucket): void;
  /** Answers how many have gone. */
  sweep(before: number, limit: number): number;
}

function makeBuckets(db: State['db']): Buckets {
  const find = prepareRows(db, 'SELECT tokens, at FROM buckets WHERE key = ?');
  const put = db.prepare('INSERT OR REPLACE INTO buckets (key, tokens, at) VALUES (?, ?, ?)');
  const old = db.prepare('DELETE FROM buckets WHERE key IN (SELECT key FROM buckets INDEXED BY buckets_at WHERE at < ? LIMIT ?)');
  return {
    get(key) {
      const row = find.get(key);
      return row === undefined ? undefined : { tokens: Number(row[0]), at: Number(row[1]) };
    },
    keep: (key, { tokens, at }) => void put.run(key, tokens, at),
    sweep: (before, limit) => Number(old.run(before, limit).changes),
  };
}
