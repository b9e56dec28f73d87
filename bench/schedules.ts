/** What it costs to decide when triggers fire, and which ones an event fires: CPU of this process alone. */
import { Cron } from 'croner';
import type { Event } from '../src/core/event.ts';
import { parseRules } from '../src/core/event-rule.ts';
import { RuleIndex } from '../src/core/rule-index.ts';
import { parseFields } from '../src/core/schedule/cron.ts';
import { nextAfter, parseSchedule, readSchedule, type Schedule } from '../src/core/schedule/schedule.ts';
import { roundAt, timetableOf } from '../src/core/schedule/timetable.ts';
import { finish } from '../src/core/walk.ts';
import type { Measured, Report } from './support/report.ts';

const triggers = 10_000;
const events = 100_000;
const rules = 100;

/** Microseconds of CPU for each. */
function cost(count: number, work: (at: number) => unknown): Measured {
  const before = process.cpuUsage();
  for (let at = 0; at < count; at++) work(at);
  const { user, system } = process.cpuUsage(before);
  return { value: (user + system) / count, cpuMicrosPerJob: null };
}

const scheduleOf = (cron: string, timeZone: string): Schedule => parseSchedule('@cron', cron, { timeZone, now: 0, identity: '' });
const expression = '0 30 8 1-15/2 JAN,MAR MON-FRI';
const moment = (round: number): number => Date.UTC(2027 + round, 5, 15, 12);

function nextCosts(report: Report, rounds: number, what: string, cron: string, zone: string): void {
  const [ours, theirs] = [scheduleOf(cron, zone), new Cron(cron, { timezone: zone })];
  const each = Array.from({ length: rounds }, (_, round) => {
    const [from, date] = [moment(round), new Date(moment(round))];
    return [cost(triggers, () => nextAfter(ours, from)), cost(triggers / 10, () => theirs.nextRun(date))] as const;
  });
  report.add({
    what,
    peer: 'croner',
    unit: 'µs',
    better: 'lower',
    target: null,
    ours: each.map(([one]) => one),
    theirs: each.map(([, one]) => one),
  });
}

/** One trigger at each second of some hours, in every zone in turn; each round is in a year that was never asked about. */
function manyCosts(rounds: number): readonly Measured[] {
  const zones = Intl.supportedValuesOf('timeZone');
  const all = Array.from({ length: triggers }, (_, at) =>
    scheduleOf(`${at % 60} ${Math.floor(at / 60) % 60} ${at % 24} * * ${at % 7}`, zones[at % zones.length] ?? 'UTC'),
  );
  return Array.from({ length: rounds }, (_, round) => {
    const { value } = cost(triggers, (at) => nextAfter(all[at] ?? scheduleOf('* * * * *', 'UTC'), moment(round)));
    return { value: (value * triggers) / 1_000, cpuMicrosPerJob: null };
  });
}

const event = (type: string): Event => ({
  domain: '',
  type,
  verb: 'UPDATED',
  id: 'a1b2',
  doc: { state: 'new', size: 3 },
  old: { state: 'old', size: 3 },
});

export async function schedules(report: Report, rounds: number): Promise<void> {
  const repeat = (measure: () => Measured): readonly Measured[] => Array.from({ length: rounds }, measure);
  const alone = { peer: null, better: 'lower', target: null, theirs: null } as const;
  report.add({
    ...{ what: 'parse', peer: 'croner', unit: 'µs', better: 'lower', target: null },
    ours: repeat(() => cost(triggers, () => parseFields(expression))),
    theirs: repeat(() => cost(triggers, () => new Cron(expression))),
  });
  nextCosts(report, rounds, 'next in UTC', '0 30 8 * * MON-FRI', 'UTC');
  nextCosts(report, rounds, 'next in a zone', '0 30 8 * * MON-FRI', 'Europe/Berlin');
  nextCosts(report, rounds, 'next 29 February in a zone', '0 0 8 29 2 *', 'Europe/Berlin');
  report.add({ ...alone, what: 'ten thousand in all zones, in a year that is new', unit: 'ms', ours: manyCosts(rounds) });

  const kept = JSON.stringify(scheduleOf('0 30 8 * * MON-FRI', 'Europe/Berlin'));
  const tick = nextAfter(scheduleOf('0 30 8 * * MON-FRI', 'Europe/Berlin'), moment(0)) ?? 0;
  const decide = () => roundAt(timetableOf(readSchedule(JSON.parse(kept)), {}, 'a'), tick, tick + 5, 100);
  report.add({ ...alone, what: 'read a kept schedule and decide a firing', unit: 'µs', ours: repeat(() => cost(triggers, decide)) });

  const index = new RuleIndex();
  for (let at = 0; at < rules; at++) index.set(`${at}`, '', parseRules(`x.${at % 10}:UPDATED:!=:state y.${at}:CREATED z.*:DELETED`));
  const [fired, idle] = [event('x.3'), event('w')];
  report.add({
    ...alone,
    what: `an event that fires 10 of ${rules}`,
    unit: 'µs',
    ours: repeat(() => cost(events, () => finish(index.match(fired)))),
  });
  report.add({
    ...alone,
    what: `an event that fires none of ${rules}`,
    unit: 'µs',
    ours: repeat(() => cost(events, () => finish(index.match(idle)))),
  });
}
