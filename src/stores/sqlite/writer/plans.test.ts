import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { facets } from '../../../core/owned.ts';
import { liveJobsSource } from '../file/rows/definition.ts';
import { dropLinesSql, lineSizesSql, linesBehindSql } from '../file/rows/log.ts';
import { migrate } from '../file/schema.ts';
import { dueSql, nextDueSql } from './definitions/due.ts';
import { newestSql } from './definitions/owned.ts';
import { definitionScrubSql } from './definitions/scrub.ts';
import { definitionSweepSql } from './definitions/sweep.ts';
import { findDefinitionSql } from './definitions/table.ts';
import { claimedSql, claimSql, readySql } from './jobs/claim.ts';
import { digestSql, heldSql, overdueSql } from './jobs/held.ts';
import { earliestSql, promoteSql } from './jobs/promote.ts';
import { heldAttemptSql } from './jobs/report.ts';
import { jobScrubSql } from './jobs/scrub.ts';
import { waitScrubSql } from './jobs/scrub-waits.ts';
import { endSql } from './jobs/settle.ts';
import { jobSweepSql } from './jobs/sweep.ts';
import { addSql, nextEndSql, putEndSql, waitingSql } from './jobs/waits.ts';
import { journalSweepSql } from './journal/sweep.ts';
import { oldestSql } from './queues/oldest.ts';

const liveSql = `SELECT count(*) FROM ${liveJobsSource}`;
const db = new DatabaseSync(':memory:');
migrate(db, ':memory:');
const planOf = (sql: string): string =>
  db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => row['detail'])
    .join('; ');

describe('the plan of', () => {
  it.each([
    ['what is ready', readySql, 'INDEX jobs_ready (queue=? AND worker=? AND manual=?)'],
    ['claim', claimSql, 'INTEGER PRIMARY KEY (rowid=?)'],
    ['a repeated claim', claimedSql, 'INDEX jobs_held (holder=? AND op=?)'],
    ['promote', promoteSql, 'COVERING INDEX jobs_due (due_at>? AND due_at<?)'],
    ['the next job by the wall clock', earliestSql[0] ?? '', 'COVERING INDEX jobs_due (due_at>? AND due_at<?)'],
    ['the next job by the steady clock', earliestSql[1] ?? '', 'COVERING INDEX jobs_due (due_at>? AND due_at<?)'],
    ['settle', endSql, 'INTEGER PRIMARY KEY (rowid=?)'],
    ['what a holder holds', heldSql, 'INDEX jobs_held (holder=?)'],
    ['the digest', digestSql, 'INDEX jobs_held (holder=?)'],
    ['what is overdue', overdueSql, 'INDEX jobs_deadline (deadline'],
    ['the oldest ready job', oldestSql, 'INDEX jobs_ready (queue=? AND worker=? AND manual=? AND priority<?)'],
    ['the sweep of jobs', jobSweepSql.jobs, 'INDEX jobs_ended (ended_at'],
    ['the sweep of the journal', journalSweepSql.remove, 'COVERING INDEX journal_at (at<?)'],
    ['the sweep of what the journal has of the future', journalSweepSql.removeAhead, 'COVERING INDEX journal_at (at>?)'],
    ['the sweep of keys', jobSweepSql.keys, 'INDEX idempotency_at (at<?)'],
    ['a definition by its key', findDefinitionSql, 'SEARCH definitions USING INDEX definitions_place (kind=? AND domain=? AND key=?)'],
    ['what is due', dueSql, 'SEARCH definitions USING INDEX definitions_due (kind=? AND due_at'],
    ['what is due next', nextDueSql, 'SEARCH definitions USING INDEX definitions_due (kind=? AND due_at>?)'],
    ['the jobs of a definition that live', liveSql, 'COVERING INDEX jobs_owned_live (owner=?'],
    ['the sweep of definitions', definitionSweepSql.remove, 'INDEX definitions_removed (changed_at<?)'],
    ['the scrub of windows', definitionScrubSql.windows, 'SEARCH definitions USING INTEGER PRIMARY KEY (rowid>?)'],
    ['an attempt that is held', heldAttemptSql, 'INTEGER PRIMARY KEY (rowid=?)'],
    ['the lines of a log', lineSizesSql, 'SEARCH lines USING PRIMARY KEY (job_id=?)'],
    ['the lines that go', dropLinesSql, 'SEARCH lines USING PRIMARY KEY (job_id=?'],
    ['the lines behind a place', linesBehindSql, 'SEARCH lines USING PRIMARY KEY (job_id=? AND (fence,number)>(?,?))'],
    ['the scrub of logs', jobScrubSql.logs, 'SEARCH logs USING INTEGER PRIMARY KEY (rowid>?)'],
    ['the scrub of histories', jobScrubSql.histories, 'SEARCH attempts USING PRIMARY KEY (job_id>?)'],
    ['the next end that is to be told', nextEndSql, 'SCAN awaited_ends USING COVERING INDEX awaited_ends_state'],
    ['those that are to be told', waitingSql, 'SEARCH awaits USING INDEX awaits_awaited (awaited_id=? AND round=?)'],
    ['one more that waits', addSql, 'SEARCH awaits USING COVERING INDEX awaits_awaited (awaited_id=?)'],
    ['an end', putEndSql, 'SEARCH awaits USING COVERING INDEX awaits_awaited (awaited_id=?)'],
    ['the scrub of who waits for whom', waitScrubSql.waits, 'SEARCH awaits USING PRIMARY KEY (job_id>?)'],
    ['the scrub of jobs that wait', waitScrubSql.alone, 'SEARCH jobs USING COVERING INDEX jobs_due (due_at>? AND due_at<?)'],
  ])('%s looks nowhere but at what it needs', (_, sql, step) => {
    const plan = planOf(sql);
    expect(plan).toContain(step);
    expect(plan).not.toMatch(/SCAN (jobs|journal|idempotency|definitions|owned|parts|logs|lines|awaits)/);
  });

  it.each([
    ['held jobs', jobScrubSql.orphans, 'jobs_held'],
    ['sums', jobScrubSql.sums, 'jobs_ready'],
  ])('the scrub of %s walks along the index of its states alone', (_, sql, index) => {
    expect(planOf(sql)).toMatch(new RegExp(`SCAN jobs USING (COVERING )?INDEX ${index}\\b`));
    expect(planOf(sql)).not.toMatch(/SCAN jobs(?! USING)/);
  });

  it.each(facets)('the newest job of the facet %s reads the end of an index for each place where one can be', (facet) => {
    const plan = planOf(newestSql(facet));
    expect(plan).toMatch(/SEARCH jobs USING COVERING INDEX jobs_owned_(live|ended) \(owner=\? AND/);
    expect(plan).not.toMatch(/SCAN jobs|TEMP B-TREE/);
  });

  it('claim and due sort nothing', () => {
    expect(planOf(readySql)).not.toContain('TEMP B-TREE');
    expect(planOf(dueSql)).not.toContain('TEMP B-TREE');
  });
});
