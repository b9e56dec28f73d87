/**
 * Beside another library, croner, told to take lists and ranges for fixed times as we do. By design it differs in this: it refuses
 * a step that is larger than the field; a `*` or a step in the seconds makes the times no fixed ones, and hours or minutes that
 * name all values do not; and it leaves a time out whose whole day does not exist.
 */
import { Cron } from 'croner';
import { describe, expect, it } from 'vitest';
import { nextAfter, parseSchedule } from '../../src/core/schedule/schedule.ts';
import { expressions, randomFrom } from './expressions.ts';
import { report, scaled, spread } from './scale.ts';

const options = { mode: '6-part', sloppyRanges: true, fixedTimeRule: 'no-wildcard' } as const;

/** `null`: it refuses the expression. */
function peer(cron: string, timezone: string): Cron | null {
  try {
    return new Cron(cron, { ...options, timezone });
  } catch {
    return null;
  }
}

const largestSteps = [60, 60, 24, 31, 12, 7];
const mayBeRefused = (cron: string): boolean =>
  cron.split(' ').some((field, at) => field.split(',').some((item) => Number(item.split('/')[1] ?? 0) > (largestSteps[at] ?? 0)));
const hasWildSeconds = (cron: string): boolean => /^\S*[*?/]/.test(cron);
const namesAll = (cron: string): boolean => / (0-59|0-23) /.test(cron);

describe('cron beside croner', () => {
  const all = expressions(scaled(150, 2_000), 7);
  const zones = [...new Set(['UTC', 'America/New_York', 'Australia/Lord_Howe', ...spread(Intl.supportedValuesOf('timeZone'), 3)])];

  it(`is due when it is, for ${all.length} expressions in ${zones.length} zones`, { timeout: 3_600_000 }, () => {
    const random = randomFrom(5);
    const differences: string[] = [];
    let answers = 0;
    for (const [at, cron] of all.entries()) {
      for (const zone of at % 10 === 0 ? zones : zones.filter((_, place) => place % 10 === at % 10)) {
        const theirs = peer(cron, zone);
        if (theirs === null) expect(mayBeRefused(cron), cron).toBe(true);
        if (theirs === null || hasWildSeconds(cron) || namesAll(cron)) continue;
        const ours = parseSchedule('@cron', cron, { timeZone: zone, now: 0, identity: '' });
        let after = Date.UTC(2026, 0, 1) + Math.floor(random() * 4 * 365 * 86_400) * 1_000;
        for (const run of theirs.nextRuns(4, new Date(after))) {
          const next = nextAfter(ours, after);
          answers += 1;
          if (next !== run.getTime())
            differences.push(`${cron} ${zone} after ${new Date(after).toISOString()}: ${run.toISOString()}, not ${next}`);
          after = run.getTime();
        }
      }
    }
    report({ comparison: 'beside croner', zones: zones.length, expressions: all.length, answers, differ: differences.length });
    expect(differences.slice(0, 5)).toEqual([]);
    expect(answers).toBeGreaterThan(all.length);
  });

  it('differs where a whole day does not exist: it leaves noon of it out, we run once when the gap is over', () => {
    const before = Date.UTC(2011, 11, 30, 0);
    const ours = parseSchedule('@cron', '0 0 12 * * *', { timeZone: 'Pacific/Apia', now: 0, identity: '' });
    expect(peer('0 0 12 * * *', 'Pacific/Apia')?.nextRun(new Date(before))?.toISOString()).toBe('2011-12-30T22:00:00.000Z');
    expect(new Date(nextAfter(ours, before) ?? 0).toISOString()).toBe('2011-12-30T10:00:00.000Z');
  });
});
