/** What to do with a trigger that is due: which jobs it pushes, and when somebody must look at it again. */
import { aboutGathered } from './about.ts';
import { type Decision, type Definition, definitionLimits, dueAt } from './definition.ts';
import { lifecyclePrefix } from './event.ts';
import { deepestEvent } from './event-cause.ts';
import { parseRules } from './event-rule.ts';
import { sizeOfNewJob } from './new-job.ts';
import { firstTick, type Schedule } from './schedule/schedule.ts';
import { dueOf, type LeftOut, nextTick, type Round, roundAt, type Timetable, timetableOf } from './schedule/timetable.ts';
import { latestTime, timeText } from './time.ts';
import { aboutOfJob, jobOf, lastState, messageBeside, skipsLeft, type Trigger, writeState } from './trigger.ts';
import { readTrigger } from './trigger-record.ts';
import { putOffFor } from './window.ts';

/** Ticks for which one firing pushes: with more, the next one follows at once. */
const ticksOfFiring = 100;
/** No text of a tick has more characters. */
const longestTick = timeText(latestTime);

/** Throws for a definition that is no trigger. `now`: the store's present. */
export function decideTrigger(definition: Definition, now: number): Decision {
  const trigger = readTrigger(definition.body);
  const { window } = definition;
  if (trigger.bad !== null) return resting(definition, `it was found bad: ${trigger.bad}`);
  if (trigger.pausedUntil === 'resumed') return resting(definition, 'it is paused');
  // Ticks are left out while it is paused; what it has gathered waits.
  if (window !== null && trigger.pausedUntil !== null && now < trigger.pausedUntil)
    return { ...resting(definition, 'it is paused'), next: trigger.pausedUntil };
  if (window !== null && (window.closesAt === null || window.closesAt <= now)) return gathered(definition, trigger);
  return trigger.schedule === null ? resting(definition, '') : decideTicks(definition, trigger, trigger.schedule, now);
}

/**
 * Whether somebody looks at a trigger no later than he must, as it stands; else it has to be looked at now. One that is due already is
 * looked at anyway. One that was put off (window.ts) is due as much later. `now`: the store's present.
 */
export function isDueRightly(definition: Definition, trigger: Trigger, now: number): boolean {
  const { due, window, owned } = definition;
  const known = dueAt(definition);
  if (known !== null && known <= now + putOffFor) return true;
  // One that waits for the end of a job waits for ever when there is none.
  if (window !== null && window.closesAt === null && owned.live === 0 && !isPausedAt(trigger, now)) return false;
  const { next, jobs } = decideTrigger({ ...definition, due: null, window: null }, now);
  return jobs.length === 0 && next !== 'removed' && (next === null || (due !== null && due <= next + putOffFor));
}

const isPausedAt = ({ bad, pausedUntil }: Trigger, now: number): boolean =>
  bad !== null || pausedUntil === 'resumed' || (pausedUntil !== null && now < pausedUntil);

/** It is not looked at again by itself. */
const resting = ({ state }: Definition, note: string): Decision => ({ ...nothing, next: null, state, note });

const nothing: Pick<Decision, 'jobs' | 'overlap' | 'collect'> = { jobs: [], overlap: 'allow', collect: null };

/**
 * One job for all that the window holds, which becomes its payload; the trigger's message stands beside. A window does not say how deep
 * the events are that it has gathered: of one that may hold what Hatstand itself tells, they count as the deepest.
 */
function gathered(definition: Definition, trigger: Trigger): Decision {
  const name = trigger.type === '@event' ? 'events' : 'payloads';
  const about = { ...(namesLifecycle(trigger) ? { depth: deepestEvent } : {}), ...messageBeside(trigger) };
  return {
    next: null,
    state: definition.state,
    jobs: [jobOf(definition, trigger, about)],
    overlap: trigger.overlap,
    collect: { payload: [`{"${name}":[`, ']}'], about: aboutGathered(aboutOfJob(trigger, about)) },
    note: 'gathered',
  };
}

/** Whether one of its rules is for what Hatstand itself tells. */
const namesLifecycle = ({ type, arguments: text }: Trigger): boolean =>
  type === '@event' && parseRules(text).some((rule) => rule.type.startsWith(lifecyclePrefix));

function decideTicks(definition: Definition, trigger: Trigger, schedule: Schedule, now: number): Decision {
  const last = lastState(definition);
  const known = last?.since === trigger.since ? last : null;
  const [skips, decided] = [skipsLeft(trigger, definition), last?.decided ?? 0];
  const timetable = timetableFor(definition, trigger, schedule, skips);
  const tick = known === null ? firstOf(definition, trigger, timetable, decided) : known.tick;
  if (tick === null || dueOf(timetable, tick) > now) return waiting(definition, trigger, timetable, { tick, skips, decided });
  const round = roundAt(timetable, tick, now, trigger.overlap === 'allow' ? ticksThatFit(definition, trigger) : 1);
  return fired(definition, trigger, timetable, { ...round, decided: newestOf(round, decided) });
}

/** Its jobs differ by their ticks alone. One always fits. */
function ticksThatFit(definition: Definition, trigger: Trigger): number {
  const size = sizeOfNewJob(jobOf(definition, trigger, { tick: longestTick }));
  return Math.max(1, Math.min(ticksOfFiring, Math.floor(definitionLimits.jobCharacters / size)));
}

const newestOf = ({ fire, leftOut }: Round, before: number): number =>
  Math.max(before, fire.at(-1) ?? 0, ...leftOut.map(({ last }) => last));

const timetableFor = (
  { domain, key }: Definition,
  { missed, pausedUntil, endsAt, jitter }: Trigger,
  schedule: Schedule,
  skips: number,
): Timetable =>
  timetableOf(schedule, { missed, skips, jitter, endsAt, pausedUntil: pausedUntil === 'resumed' ? null : pausedUntil }, `${domain}/${key}`);

/** A moment counts also when it is past. Ticks for which another schedule of this trigger has fired do not count again. */
function firstOf({ firedAt }: Definition, { since }: Trigger, timetable: Timetable, decided: number): number | null {
  const { schedule } = timetable;
  return schedule.kind === 'once' ? firstTick(schedule, since) : nextTick(timetable, Math.max(since, firedAt ?? 0, decided));
}

interface Position {
  readonly tick: number | null;
  readonly skips: number;
  readonly decided: number;
}

function waiting(definition: Definition, trigger: Trigger, timetable: Timetable, position: Position): Decision {
  const { tick } = position;
  const next = tick === null ? null : laterThanNow(definition, dueOf(timetable, tick));
  return { ...nothing, next, state: stateText(trigger, position), note: tick === null ? 'it has ended' : `next at ${timeText(tick)}` };
}

/** A firing names when its definition was due; what is due next is later, also when it is past already. */
const laterThanNow = (definition: Definition, due: number): number => Math.max(due, (dueAt(definition) ?? 0) + 1);

function fired(definition: Definition, trigger: Trigger, timetable: Timetable, round: Round & { readonly decided: number }): Decision {
  const { fire, leftOut, next, due, skips, decided } = round;
  const isOver = next === null && timetable.schedule.kind === 'once';
  return {
    next: isOver ? 'removed' : due === null ? null : laterThanNow(definition, due),
    state: stateText(trigger, { tick: next, skips, decided }),
    jobs: fire.map((tick) => jobOf(definition, trigger, { tick: timeText(tick) })),
    overlap: trigger.overlap,
    collect: null,
    note: [...firedNotes(fire), ...leftOut.map(leftOutNote)].join('; '),
  };
}

/** So many ticks are told one by one. */
const mostTold = 10;

function firedNotes(ticks: readonly number[]): readonly string[] {
  const [first, last] = [ticks[0], ticks.at(-1)];
  if (ticks.length <= mostTold || first === undefined || last === undefined) return ticks.map((tick) => `fired for ${timeText(tick)}`);
  return [`fired for ${ticks.length} ticks from ${timeText(first)} to ${timeText(last)}`];
}

const leftOutNote = ({ why, first, last, count }: LeftOut): string =>
  count === 1 ? `${why}: ${timeText(first)}` : `${why}: ${count} or more from ${timeText(first)} to ${timeText(last)}`;

const stateText = ({ since, skip }: Trigger, { tick, skips, decided }: Position): string =>
  writeState({ since, tick, decided, skip: skip === null ? null : { since: skip.since, count: skips } });
