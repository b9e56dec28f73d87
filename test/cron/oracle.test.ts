/** The implementation beside the walk through time, in all zones: `npm run test:cron` compares all of them. */
import { describe, expect, it } from 'vitest';
import { nextAfter, parseSchedule } from '../../src/core/schedule/schedule.ts';
import { changesBetween } from '../../src/core/schedule/zone.ts';
import { expressions, randomFrom } from './expressions.ts';
import { type Choice, changes, type Expression, readExpression, usualChoice, Walk } from './oracle.ts';
import { report, scaled, spread } from './scale.ts';

const hour = 3_600;
const secondsOf = (year: number, month = 0): number => Date.UTC(year, month, 1) / 1_000;

/** What they say, if it is not the same. */
interface Difference {
  readonly cron: string;
  readonly zone: string;
  readonly after: string;
  readonly expected: string;
  readonly given: string;
}

const shown = (second: number | null): string => (second === null ? 'none' : new Date(second * 1_000).toISOString());

/** Compares the answers for some moments within the stretch, and on from there. */
function compare(walk: Walk, zone: string, cron: string, expression: Expression, asked: Choice | null, moments: readonly number[]) {
  const schedule = parseSchedule('@cron', cron, { timeZone: zone, now: 0, identity: '', daylight: asked ?? {} });
  const choice = asked ?? usualChoice(expression);
  const differences: Difference[] = [];
  let answers = 0;
  for (const moment of moments) {
    let after: number = moment;
    for (let step = 0; step < 3; step++) {
      const expected = walk.nextAfter(expression, choice, after);
      const millis = nextAfter(schedule, after * 1_000);
      const found = millis === null ? null : millis / 1_000;
      const given = found !== null && found < walk.until ? found : null;
      answers += 1;
      if (given !== expected) differences.push({ cron, zone, after: shown(after), expected: shown(expected), given: shown(given) });
      if (expected === null || given !== expected) break;
      after = expected;
    }
  }
  return { answers, differences };
}

/** Around each change of the zone's clocks in these years; where there is none, around some moment. */
function stretches(zone: string, years: readonly number[]): readonly (readonly [change: number, walk: Walk])[] {
  const found = years.flatMap((year) => changes(zone, secondsOf(year), secondsOf(year + 1)));
  const moments = found.length > 0 ? found : [secondsOf(years[0] ?? 2026, 6)];
  return moments.map((change) => [change, new Walk(zone, change - 30 * hour, change + 30 * hour)] as const);
}

const choices: readonly (Choice | null)[] = [
  null,
  null,
  { gap: 'once', fold: 'last' },
  { gap: 'skip', fold: 'first' },
  { gap: 'once', fold: 'both' },
];

describe('cron beside a walk through time', () => {
  const all = expressions(scaled(60, 2_000), 1).map((cron) => [cron, readExpression(cron)] as const);
  const named = ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Pacific/Apia', 'Asia/Kathmandu'];
  const zones = [...new Set([...named, ...spread(Intl.supportedValuesOf('timeZone'), 6)])];

  it(`is due when the clocks of ${zones.length} zones show what ${all.length} expressions name`, { timeout: 3_600_000 }, () => {
    const random = randomFrom(2);
    const differences: Difference[] = [];
    let answers = 0;
    for (const zone of zones) {
      const walks = stretches(zone, [2011, 2018, 2026].slice(-scaled(3, 3)));
      for (const [at, [cron, expression]] of all.entries()) {
        const [change, walk] = walks[at % walks.length] ?? [0, new Walk(zone, 0, 0)];
        const moments = [change - 2 * hour + Math.floor(random() * 5 * hour), change - Math.floor(random() * 26 * hour)];
        const compared = compare(walk, zone, cron, expression, choices[at % choices.length] ?? null, moments);
        answers += compared.answers;
        differences.push(...compared.differences);
      }
    }
    report({
      comparison: 'around changes of the clocks',
      zones: zones.length,
      expressions: all.length,
      answers,
      differ: differences.length,
    });
    expect(differences.slice(0, 5)).toEqual([]);
    expect(answers).toBeGreaterThan(zones.length * all.length);
  });

  it('is due on through months', { timeout: 3_600_000 }, () => {
    const random = randomFrom(3);
    const some = all.slice(0, scaled(40, 400));
    const differences: Difference[] = [];
    let answers = 0;
    const walked = spread(zones, 2).slice(0, scaled(2, 24));
    for (const zone of walked) {
      const [from, until] = [secondsOf(2026, scaled(9, 0)), secondsOf(2026, scaled(11, 12))];
      const walk = new Walk(zone, from, until);
      for (const [cron, expression] of some) {
        const moments = Array.from({ length: scaled(3, 8) }, () => from + 30 * hour + Math.floor(random() * (until - from - 60 * hour)));
        const compared = compare(walk, zone, cron, expression, null, moments);
        answers += compared.answers;
        differences.push(...compared.differences);
      }
    }
    report({ comparison: 'on through a year', zones: walked.length, expressions: some.length, answers, differ: differences.length });
    expect(differences.slice(0, 5)).toEqual([]);
  });

  it('finds every change of every clock: no two of one zone are so close that it looks past them', { timeout: 3_600_000 }, () => {
    const hours = scaled(24, 8);
    const differences = zones.flatMap((zone) =>
      [1970, 1980, 1990, 2000, 2010, 2020, 2030, 2080].slice(-scaled(2, 8)).flatMap((year) => {
        const [from, until] = [secondsOf(year), secondsOf(year + 10)];
        const walked = changes(zone, from, until, hours);
        const found = changesBetween(zone, from, until).map(({ at }) => from + Math.floor((at - 1 - from) / (hours * hour)) * hours * hour);
        return JSON.stringify(walked) === JSON.stringify(found) ? [] : [{ zone, year, walked: walked.length, found: found.length }];
      }),
    );
    expect(differences).toEqual([]);
  });

  it('would be noticed to differ', () => {
    const change = Date.UTC(2026, 2, 29, 1) / 1_000;
    const walk = new Walk('Europe/Berlin', change - 30 * hour, change + 30 * hour);
    const moments = [change - 10 * hour];
    const [cron, expression] = ['0 30 2 * * *', readExpression('0 30 2 * * *')] as const;
    expect(compare(walk, 'Europe/Berlin', cron, expression, null, moments).differences).toEqual([]);
    expect(compare(walk, 'Europe/Berlin', cron, { ...expression, isFixed: false }, null, moments).differences).toHaveLength(1);
    expect(compare(walk, 'Europe/Berlin', cron, readExpression('1 30 2 * * *'), null, moments).differences).toHaveLength(1);
    expect(compare(walk, 'Europe/London', cron, expression, null, moments).differences).toHaveLength(1);
  });

  it('is due second by second where an offset had seconds: Monrovia went forward by 44:30 on 1972-01-07', () => {
    const change = Date.UTC(1972, 0, 7, 0, 44, 30) / 1_000;
    const walk = new Walk('Africa/Monrovia', change - hour, change + hour, 1);
    const differences = ['0 15 0 * * *', '10 0 0 * * *', '*/7 * * * * *', '30 44 0 * * *', '0 0 1 * * *'].flatMap((cron) => {
      const moments = Array.from({ length: 40 }, (_, at) => change - 600 + at * 29);
      return compare(walk, 'Africa/Monrovia', cron, readExpression(cron), null, moments).differences;
    });
    expect(differences).toEqual([]);
  });
});
