/**
 * Looks at the store's clock beside this machine's: tells when one of them has stepped, when the store's ids and fences are
 * ahead of its clock, and when the two differ. Whoever compares with records' times asks for the time here.
 */
import type { Millis } from '../core/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store/store.ts';

export interface ClockCheck {
  /** One look. */
  tick(): Promise<void>;
  /** The store's present, in Unix milliseconds, as of the last look. Before the first one: this machine's. */
  now(): number;
  /** What somebody should see to, in sentences. Looks first. */
  warnings(): Promise<readonly string[]>;
}

export interface ClockCheckParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What was seen: the store's time was `now` at some moment between the other two. */
interface Look {
  readonly now: number;
  readonly ahead: Millis;
  readonly sweepsIn: Millis;
  readonly askedAt: Millis;
  readonly answeredAt: Millis;
  /** By how much the store's clock was ahead of this machine's, at least; negative: behind it. */
  readonly apart: Millis;
}

/** A clock that is set by so much has stepped. */
const step: Millis = 1_000;
/** Ids run ahead by less when many jobs are pushed at once. */
const aheadTolerated: Millis = 1_000;
/** Clocks of two machines differ by less. */
const apartTolerated: Millis = 5_000;

export function makeClockCheck({ store, clock, log }: ClockCheckParts): ClockCheck {
  let last: Look | null = null;
  let toldBehind = false;
  let toldApart = false;
  let toldHeld = false;

  async function look(): Promise<Look> {
    const askedAt = clock.monotonic();
    const wallBefore = clock.now();
    const { now, ahead, sweepsIn } = await store.upkeep.time();
    const answeredAt = clock.monotonic();
    return { now, ahead, sweepsIn, askedAt, answeredAt, apart: outside(now, wallBefore, wallBefore + answeredAt - askedAt) };
  }

  function tell(seen: Look): void {
    const by = last === null ? 0 : steppedBetween(last, seen);
    if (Math.abs(by) > step) log.warn('clock.stepped', { seconds: seconds(by), effect: stepEffect });
    if (seen.ahead > aheadTolerated && !toldBehind) log.warn('clock.behind', { seconds: seconds(seen.ahead), effect: behindEffect });
    toldBehind = seen.ahead > aheadTolerated;
    const differs = store.shared && Math.abs(seen.apart) > apartTolerated;
    if (differs && !toldApart) log.warn('clock.differs', { seconds: seconds(seen.apart), effect: apartEffect });
    toldApart = differs;
    if (seen.sweepsIn > 0 && !toldHeld) log.warn('sweep.held', { seconds: seconds(seen.sweepsIn), effect: heldEffect });
    toldHeld = seen.sweepsIn > 0;
  }

  async function tick(): Promise<Look> {
    const seen = await look();
    tell(seen);
    last = seen;
    return seen;
  }

  return {
    tick: async () => void (await tick()),
    now: () => (last === null ? clock.now() : last.now + Math.floor(clock.monotonic() - last.answeredAt)),
    async warnings() {
      const { ahead, apart, sweepsIn } = await tick();
      return [
        ...(ahead > aheadTolerated ? [behindWarning(ahead)] : []),
        ...(sweepsIn > 0 ? [heldWarning(sweepsIn)] : []),
        ...(store.shared && Math.abs(apart) > apartTolerated ? [apartWarning(apart)] : []),
      ];
    },
  };
}

/** By how much the number is beyond a range; 0: it is within. */
const outside = (number: number, from: number, to: number): number => (number < from ? number - from : number > to ? number - to : 0);

/** By how much more, at least, has passed for the store than has passed here. */
function steppedBetween(before: Look, after: Look): Millis {
  const passed = after.now - before.now;
  return outside(passed, after.askedAt - before.answeredAt, after.answeredAt - before.askedAt);
}

const seconds = (millis: Millis): number => Math.round(millis / 1_000);

const stepEffect = 'times that are shown and times asked for follow the clock; ids and fences go on';
const behindEffect =
  'an earlier time was later: ids and fences go on from there, ahead of this clock, until it has caught up; what ended by that time is kept for so much longer';
const heldEffect =
  'the clock has leapt forward by more than a day: nothing is removed for its age until then; if it is wrong, set it before';
const apartEffect = 'jobs are due by the clock of the store; set both machines by NTP';

function behindWarning(ahead: Millis): string {
  return (
    `The store's clock is ${inWords(ahead)} behind the time in its newest ids and fences: the clock is wrong now, or it was then. ` +
    'If it is wrong now, set it (with NTP: timedatectl set-ntp true). If it was wrong then, nothing is to be done: new jobs show the ' +
    'right time, ids and fences go on rising, jobs that ended by that time are kept for so much longer, and this ends when the clock has caught up, or in a new store that takes in an export of this one.'
  );
}

function heldWarning(sweepsIn: Millis): string {
  return (
    `The store's clock has leapt forward by more than a day, so nothing is removed for its age for ${inWords(sweepsIn)} more. If it is wrong, ` +
    'set it before that (with NTP: timedatectl set-ntp true): what is removed then does not come back. If it is right, nothing is to be done.'
  );
}

function apartWarning(apart: Millis): string {
  return (
    `The clock of the store is ${inWords(Math.abs(apart))} ${apart > 0 ? 'ahead of' : 'behind'} that of this node's machine; ` +
    'jobs are due by the store. Set both by NTP.'
  );
}

const units: readonly (readonly [millis: Millis, word: string])[] = [
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
];

function inWords(millis: Millis): string {
  const [unit, word] = units.find(([least]) => millis >= 2 * least) ?? [1_000, 'seconds'];
  return `${Math.round(millis / unit)} ${word}`;
}
