/** What running attempts tell, on its way to the store. */
import { beforeEach, describe, expect, it } from 'vitest';
import { HatstandError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { reportLimits } from '../core/report.ts';
import { cancelMoves, settleMoves } from '../core/transitions.ts';
import type { Clock } from '../ports/clock.ts';
import type { StopReason } from '../ports/executor.ts';
import type { Report, Reported } from '../ports/store/jobs.ts';
import type { Store } from '../ports/store/store.ts';
import { altered } from '../stores/conformance/altered.ts';
import { anyQueue, asked, node, refOf, result, ttl } from '../stores/conformance/subject.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { type AttemptReporter, makeReports, type Reports } from './reports.ts';

let store: Store;
let reports: Reports;
let now: number;
let woken: number;
let stopped: StopReason[];
/** What the store was asked. */
let sent: Report[];
/** Answers in the store's place. */
let instead: (() => Promise<Reported>) | null;
let warned: unknown[];
const clock: Clock = { now: () => now, monotonic: () => now, after: () => () => {}, soon: () => undefined };

beforeEach(async () => {
  [now, woken, stopped, sent, instead, warned] = [1_000, 0, [], [], null, []];
  const memory = openMemory();
  store = altered(memory, {
    jobs: {
      report(ref, what) {
        sent.push(what);
        return instead === null ? memory.jobs.report(ref, what) : instead();
      },
    },
  });
  await store.nodes.join(node('node'), ttl);
  const log = { ...silent, warn: (...line: unknown[]) => void warned.push(line) };
  reports = makeReports({ store, forwardLogs: null, live: null, clock, log, keepEvent: () => Promise.resolve(), wake: () => (woken += 1) });
});

async function begin(): Promise<{ readonly job: Job; readonly reporter: AttemptReporter }> {
  await store.jobs.push([asked()]);
  const claim = { operation: String(Math.random()), holder: 'node', wants: () => [anyQueue(1)], attemptTtl: null };
  const [job] = (await store.jobs.claim(claim)).jobs;
  if (job === undefined) throw new Error('a job was pushed');
  return { job, reporter: reports.of(job, (reason) => void stopped.push(reason)) };
}

const told = (text: string) => ({ level: 'info', text, fields: null }) as const;
const texts = async ({ id }: Job): Promise<readonly string[]> => (await store.jobs.lines(id, null, 10_000)).lines.map(({ text }) => text);
const away = (): Promise<never> => Promise.reject(new HatstandError('store_unavailable', 'away'));

describe('reports', () => {
  it('of one attempt travel as one, and there is none of an attempt that tells nothing', async () => {
    const [{ job, reporter }] = [await begin(), await begin()];
    for (const text of ['a', 'b']) reporter.line(told(text));
    for (const value of ['0.1', '0.2']) reporter.progress(value);
    now += 30;
    expect(sent).toEqual([]);
    await reports.tick();
    await reports.tick();
    expect(sent).toMatchObject([
      {
        ttl: null,
        progress: '0.2',
        push: [],
        lines: [
          { number: 1, ago: 30 },
          { number: 2, text: 'b' },
        ],
      },
    ]);
    expect(await texts(job)).toEqual(['a', 'b']);
    reporter.line(told('c'));
    await reports.tick();
    expect(sent[1]).toMatchObject({ progress: null, lines: [{ number: 3 }] });
    expect(await texts(job)).toEqual(['a', 'b', 'c']);
  });

  it('of an attempt that ends travel before its result', async () => {
    const { job, reporter } = await begin();
    reporter.line(told('the last words'));
    const kept = reporter.flush();
    const settled = store.jobs.settle(refOf(job), settleMoves(job, { kind: 'succeeded', result: result('') }, 0));
    await kept;
    expect(await settled).toBe('settled');
    reporter.close();
    expect(await texts(job)).toEqual(['the last words']);
    reporter.line(told('too late'));
    reporter.progress('1');
    expect(reporter.flush()).toBeUndefined();
    await reports.tick();
    expect([await texts(job), warned]).toEqual([['the last words'], []]);
    await expect(reporter.push([asked()])).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are sent again after the store was away, each line once', async () => {
    const { job, reporter } = await begin();
    reporter.line(told('a'));
    instead = away;
    await reports.tick();
    reporter.line(told('b'));
    await reports.tick();
    expect(sent).toHaveLength(1);
    now += 1_000;
    // It happened, but nobody was told.
    instead = async () => {
      instead = null;
      await store.jobs.report(refOf(job), sent.at(-1) ?? expect.fail('it was sent'));
      return Promise.reject(new HatstandError('unconfirmed', 'cut'));
    };
    await reports.tick();
    now += 1_000;
    reporter.line(told('c'));
    await reports.tick();
    expect(await texts(job)).toEqual(['a', 'b', 'c']);
    expect(await store.jobs.lines(job.id, null, 1)).toMatchObject({ dropped: 0 });
  });

  it('that the store never takes are not in the way of others', async () => {
    const { job, reporter } = await begin();
    reporter.line(told('refused'));
    instead = () => Promise.reject(new HatstandError('internal', 'no'));
    await reports.tick();
    instead = null;
    now += 1_000;
    reporter.line(told('b'));
    await reports.tick();
    expect(await texts(job)).toEqual(['b']);
  });

  it('of a flood have the newest lines, in bounded memory, and tell how many were left out', async () => {
    const { job, reporter } = await begin();
    for (let at = 1; at <= 100_000; at++) reporter.line(told(String(at)));
    await reports.tick();
    expect(sent[0]?.lines).toHaveLength(reportLimits.lines);
    reporter.line(told('x'.repeat(reportLimits.text)));
    for (let at = 0; at < 100; at++) reporter.line(told('y'.repeat(reportLimits.text)));
    await reports.tick();
    const page = await store.jobs.lines(job.id, null, 10_000);
    expect(page.lines[0]?.number).toBe(100_000 - reportLimits.lines + 1);
    expect(page.lines.at(-1)?.number).toBe(100_101);
    expect(page.dropped).toBe(100_101 - page.lines.length);
    expect(sent[1]?.lines.length).toBeLessThan(17);
  });

  it('tell the executor that its job is canceled, or its attempt lost', async () => {
    const [canceled, lost] = [await begin(), await begin()];
    await store.jobs.change(canceled.job.id, cancelMoves);
    canceled.reporter.progress('1');
    await reports.tick();
    expect(stopped).toEqual(['canceled']);
    await store.jobs.settle(refOf(lost.job), settleMoves(lost.job, { kind: 'returned' }, 0));
    lost.reporter.line(told('of a zombie'));
    await reports.tick();
    expect(stopped).toEqual(['canceled', 'lost']);
    lost.reporter.line(told('of a zombie'));
    await reports.tick();
    expect([await texts(lost.job), sent.length]).toEqual([[], 2]);
  });

  it('keep jobs at once while the attempt is held', async () => {
    const { job, reporter } = await begin();
    expect(await reporter.push([asked({ name: 'a' }), asked()])).toMatchObject([{ kind: 'pushed' }, { kind: 'pushed' }]);
    expect(woken).toBe(1);
    await store.jobs.settle(refOf(job), settleMoves(job, { kind: 'returned' }, 0));
    await expect(reporter.push([asked()])).rejects.toMatchObject({ code: 'conflict' });
    expect(stopped).toEqual(['lost']);
  });

  it('refuse a progress that is too long', async () => {
    const { reporter } = await begin();
    expect(() => reporter.progress(`"${'x'.repeat(reportLimits.progress)}"`)).toThrow(expect.objectContaining({ code: 'too_large' }));
  });

  it('that could not be kept before the end are told', async () => {
    const { reporter } = await begin();
    reporter.line(told('a'));
    instead = away;
    await reporter.flush();
    reporter.close();
    expect(warned).toEqual([['report.lost', expect.objectContaining({ lines: 1 })]]);
    instead = null;
    now += 1_000;
    await reports.tick();
    expect(sent).toHaveLength(1);
  });
});
