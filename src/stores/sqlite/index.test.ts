import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { noResult } from '../../core/job.ts';
import { openQueue } from '../../core/queue.ts';
import { cancelMoves, settleMoves } from '../../core/transitions.ts';
import { all, asked, attemptsOf, entriesOf, kept as jobsKept, line, node, only, refOf, result } from '../conformance/subject.ts';
import { migrations } from './file/schema.ts';
import { openSqlite } from './index.ts';
import { claimAs, openIn, temporaryFolder } from './open.suite.ts';

describe('opening', () => {
  it('makes the folder and says where the data lie and what they survive', async () => {
    const path = join(temporaryFolder(), 'a', 'b');
    const store = await openIn(path);
    expect(store.location).toBe(path);
    expect(store.shared).toBe(false);
    expect(store.durability.profile).toBe('sqlite-full');
    expect(existsSync(join(path, 'hatstand.db'))).toBe(true);
  });

  it('finds what was kept, and goes on with larger ids', async () => {
    const path = temporaryFolder();
    const first = await openSqlite({ path, ballastBytes: 0, serverId: 1023 });
    await first.advance(3_600_000);
    const [kept] = jobsKept(await first.jobs.push([asked({ name: 'kept' })]));
    await first.close();
    const second = await openIn(path);
    const [next] = jobsKept(await second.jobs.push([asked()]));
    expect(await second.jobs.get(kept?.id ?? '')).toMatchObject({ name: 'kept', state: 'queued' });
    expect(BigInt(next?.id ?? 0)).toBeGreaterThan(BigInt(kept?.id ?? 0));
    expect(only(await second.jobs.count()).counts.queued).toBe(2);
  });

  it('gives no id again although its job is gone', async () => {
    const path = temporaryFolder();
    const first = await openSqlite({ path, ballastBytes: 0 });
    await first.advance(3_600_000);
    const [gone] = jobsKept(await first.jobs.push([asked()]));
    await first.jobs.remove(gone?.id ?? '', ['queued']);
    await first.close();
    const [next] = jobsKept(await (await openIn(path)).jobs.push([asked()]));
    expect(BigInt(next?.id ?? 0)).toBeGreaterThan(BigInt(gone?.id ?? 0));
  });

  it('gives every node the server id it was opened with', async () => {
    const store = await openIn(temporaryFolder(), { serverId: 9 });
    expect(await store.nodes.join(node('a'), 60_000)).toEqual({ kind: 'joined', serverId: 9, namesakes: [] });
    expect(await store.nodes.join(node('b', { serverId: 3 }), 60_000)).toMatchObject({ serverId: 9 });
    expect((await store.nodes.list()).map(({ serverId }) => serverId)).toEqual([9, 9]);
  });

  it('refuses a file of a newer version', async () => {
    const path = temporaryFolder();
    await (await openSqlite({ path, ballastBytes: 0 })).close();
    const db = new DatabaseSync(join(path, 'hatstand.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(openSqlite({ path })).rejects.toMatchObject({ code: 'store_unusable', message: expect.stringContaining('newer version') });
  });

  it('refuses a file that is no database, and lets go of the folder', async () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'hatstand.db'), 'this is no database, however long one looks at it. '.repeat(100));
    await expect(openSqlite({ path })).rejects.toMatchObject({ code: 'store_unusable' });
    await expect(openSqlite({ path })).rejects.toMatchObject({ code: 'store_unusable' });
  });
});

describe('a file of an earlier version', () => {
  /** As a process left it that was killed: a job that it ran, one that waits, and what it remembers. */
  function leaveFile(folder: string, version: number): void {
    const db = new DatabaseSync(join(folder, 'hatstand.db'));
    for (const step of migrations.slice(0, version)) db.exec(step);
    const job = (
      id: number,
      state: number,
      holder: string,
    ): string => `INSERT INTO jobs (id, state, queue, worker, manual, priority, due_at,
      created_at, run, attempt, lost, fence, holder, op, reason, output_cut, domain, name, url, comment, error, options, headers,
      payload, output${version < 3 ? '' : ', owner, "limit"'})
      VALUES (${id}, ${state}, 'q', 'w', 0, 0, 0, 0, 1, ${state === 2 ? 1 : 0}, 0, 7, '${holder}', '', '', 0, '', 'job ${id}', '', 'c', '',
      '{}', '{"a":"b"}', '[${id}]', ''${version < 3 ? '' : ", '', ''"})`;
    db.exec(`
      ${job(5, 2, 'before')}; ${job(6, 1, '')};
      UPDATE jobs SET started_at = 1 WHERE state = 2;
      INSERT INTO attempts VALUES (6, 4, 1, 1, 'x', 1, 2, 4, NULL, 'old', 0, ''${version < 4 ? '' : ", NULL, ''"});
      INSERT INTO nodes (incarnation, name, version, started_at) VALUES ('before', 'n', '1', 1);
      INSERT INTO ${version < 3 ? 'events' : 'journal'} (seq, at, body) VALUES (3, 2000, '[[0,["5","6"]],[2,["5"]]]');
      UPDATE meta SET value = 9 WHERE key = 'last_id';
      UPDATE meta SET value = 41 WHERE key = '${version < 3 ? 'last_event' : 'last_entry'}';
      PRAGMA user_version = ${version};`);
    db.close();
  }

  it.each([1, 2, 3, 4, 5, 6])('becomes one of today: version %i', async (version) => {
    const path = temporaryFolder();
    leaveFile(path, version);
    const store = await openIn(path);
    expect(only(await store.nodes.list())).toMatchObject({
      incarnation: 'before',
      name: 'n',
      state: 'buried',
      address: '',
      mode: 'active',
    });
    const claimed = await claimAs(store, 'after', 2);
    expect(claimed).toMatchObject([
      { name: 'job 5', lost: 1, result: noResult, owner: '', limit: '', about: null, payload: '[5]', headers: { a: 'b' }, comment: 'c' },
      { name: 'job 6', lost: 0 },
    ]);
    expect(await attemptsOf(store, '6')).toMatchObject([{ fence: '4', holder: 'x', result: { error: 'old', cause: null, stack: '' } }]);
    const told = { ttl: null, progress: '1', lines: [line(1)], push: [] };
    for (const job of claimed) expect(await store.jobs.report(job, told)).toMatchObject({ kind: 'reported' });
    expect(await store.jobs.lines('5', null, 9)).toMatchObject({ progress: { value: '1' }, lines: [{ text: 'line 1' }] });
    const entries = await entriesOf(store, 0, 10);
    expect(entries.map(({ seq, moved }) => [seq, moved.map(({ verb, ids }) => `${verb} ${ids.join(' ')}`)])).toEqual([
      [3, ['push 5 6', 'claim 5']],
      [42, ['lose 5']],
      [43, ['claim 5 6']],
    ]);
    await store.close();
    const again = await openIn(path);
    expect(await entriesOf(again, 43, 10)).toHaveLength(1);
    expect(await again.jobs.lines('5', null, 9)).toMatchObject({ progress: { value: '1' }, lines: [{ text: 'line 1' }] });
  });
});

it('shows a line that cannot be read in its place, beside the others', async () => {
  const path = temporaryFolder();
  const store = await openIn(path);
  const [pushed] = await store.jobs.push([asked()]);
  const [job] = await claimAs(store, 'node', 1);
  if (pushed === undefined || job === undefined) throw new Error('it was pushed');
  await store.jobs.report(job, { ttl: null, progress: '1', lines: [line(1), line(2), line(3)], push: [] });
  const db = new DatabaseSync(join(path, 'hatstand.db'));
  db.exec('UPDATE lines SET level = 77 WHERE number = 2; UPDATE lines SET at = 9223372036854775807 WHERE number = 3');
  db.close();
  const { lines } = await store.jobs.lines(job.id, null, 9);
  expect(lines).toMatchObject([
    { number: 1, text: 'line 1' },
    { number: 2, level: 'error', text: expect.stringContaining('cannot be read') },
    { number: 3, level: 'error', text: expect.stringContaining('cannot be read') },
  ]);
  expect(await store.jobs.report(job, { ttl: null, progress: null, lines: [line(4)], push: [] })).toMatchObject({ kind: 'reported' });
});

describe('the lock', () => {
  it('keeps a second store out of the folder and names the process', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    const refused = { code: 'store_in_use', message: expect.stringContaining(`process ${process.pid}`) };
    await expect(openSqlite({ path })).rejects.toMatchObject(refused);
    await store.close();
    await (await openSqlite({ path, ballastBytes: 0 })).close();
  });

  it('holds also when its process cannot be written down', async () => {
    const path = temporaryFolder();
    mkdirSync(join(path, 'lock.pid'));
    const store = await openIn(path);
    const refused = { code: 'store_in_use', message: expect.stringContaining('another process') };
    await expect(openSqlite({ path })).rejects.toMatchObject(refused);
    await store.close();
    await openIn(path);
  });

  it('goes with a process that is killed, and what it ran goes back to its queue at once', async () => {
    const path = temporaryFolder();
    const program = `
      const { openSqlite } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      const store = await openSqlite({ path: ${JSON.stringify(path)}, ballastBytes: 0 });
      await store.jobs.push([${JSON.stringify(asked())}, ${JSON.stringify(asked())}]);
      const wants = () => [{ worker: 'w', queues: 'any', slots: 1 }];
      await store.nodes.join(${JSON.stringify(node('node'))}, 60_000);
      await store.jobs.claim({ operation: 'mine', holder: 'node', wants, attemptTtl: null });
      await store.jobs.claim({ operation: 'theirs', holder: 'browser', wants, attemptTtl: 60_000 });
      console.log('ready');
      setInterval(() => undefined, 60_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(openSqlite({ path })).rejects.toMatchObject({ code: 'store_in_use', message: expect.stringContaining(`${child.pid}`) });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await openIn(path);
    const { jobs } = await store.jobs.list(all);
    expect(jobs.map(({ state, lost, attempt, holder }) => ({ state, lost, attempt, holder }))).toEqual([
      { state: 'queued', lost: 1, attempt: 0, holder: '' },
      { state: 'running', lost: 0, attempt: 1, holder: 'browser' },
    ]);
    expect(only(await store.nodes.list())).toMatchObject({ incarnation: 'node', state: 'buried' });
    expect(await store.nodes.bury(1_000, 1_000)).toEqual({ incarnations: ['node'], attempts: 1 });
    expect(await store.nodes.bury(1_000, 1_000)).toEqual({ incarnations: [], attempts: 0 });
  });
});

describe('a store whose files are moved away', () => {
  it('fails, tells its program, and closes without touching what came in their place', async () => {
    const path = join(temporaryFolder(), 'data');
    const failure = Promise.withResolvers<Error>();
    const store = await openIn(path, { onFailure: failure.resolve });
    await store.jobs.push([asked({ name: 'before' })]);
    renameSync(path, `${path}.away`);
    const refusals: unknown[] = [];
    await until('a refusal', async () => {
      await store.jobs.push([asked()]).catch((error: unknown) => refusals.push(error));
      return refusals.length > 0;
    });
    expect(refusals).toMatchObject([{ code: 'store_failed' }]);
    expect(await failure.promise).toMatchObject({ code: 'store_failed', message: expect.stringContaining('was moved away or removed') });
    const other = await openIn(path);
    await store.close();
    expect(readdirSync(path).sort()).toEqual(['hatstand.db', 'hatstand.db-shm', 'hatstand.db-wal', 'lock', 'lock.pid']);
    await other.close();
    const { jobs } = await (await openIn(`${path}.away`)).jobs.list(all);
    expect(jobs[0]).toMatchObject({ name: 'before' });
  });
});

describe('a job that kills its process', () => {
  it('fails as lost at the fifth time', async () => {
    const path = temporaryFolder();
    const first = await openSqlite({ path, ballastBytes: 0 });
    await first.jobs.push([asked()]);
    await first.close();
    for (let time = 1; time <= 5; time++) {
      const store = await openSqlite({ path, ballastBytes: 0 });
      expect(await claimAs(store, `node ${time}`, 1)).toHaveLength(1);
      await store.close();
    }
    const { jobs } = await (await openIn(path)).jobs.list(all);
    expect(only(jobs)).toMatchObject({ state: 'failed', reason: 'lost', lost: 5 });
  });
});

describe('a full store', () => {
  it('refuses pushes, and goes on reading and settling', async () => {
    const store = await openIn(temporaryFolder(), { maxPages: 500 });
    const payload = JSON.stringify('x'.repeat(2_000));
    await store.jobs.push([asked()]);
    const job = only(await claimAs(store, 'node', 1));
    const pushes = Array.from({ length: 2_000 }, () => store.jobs.push([asked({ payload })]));
    const outcomes = await Promise.allSettled(pushes);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'store_full' });
    const kept = outcomes.length - refused.length;
    expect(only(await store.jobs.count()).counts).toMatchObject({ queued: kept, running: 1 });
    expect((await store.jobs.list({ ...all, brief: true })).jobs).toHaveLength(kept + 1);
    expect(await store.jobs.settle(refOf(job), settleMoves(job, { kind: 'succeeded', result: result('') }, 0))).toBe('settled');
  });
});

describe('a batch in which one call fails', () => {
  it('keeps the others', async () => {
    const store = await openIn(temporaryFolder());
    const good = store.jobs.push([asked({ name: 'good' })]);
    const bad = store.jobs.push([asked({ priority: 0.5 })]);
    const alsoGood = store.jobs.push([asked({ name: 'also good' })]);
    await expect(bad).rejects.toMatchObject({ code: 'internal' });
    await Promise.all([good, alsoGood]);
    const { jobs } = await store.jobs.list(all);
    expect(jobs.map((job) => job.name)).toEqual(['good', 'also good']);
    expect(only(await store.jobs.count()).counts.queued).toBe(2);
  });
});

describe('calls of one turn', () => {
  it('travel in one transaction, a push before a claim', async () => {
    const store = await openIn(temporaryFolder());
    await store.nodes.join(node('node'), 60_000);
    const wants = () => [{ worker: 'w', queues: 'any' as const, slots: 10 }];
    const claim = store.jobs.claim({ operation: 'first', holder: 'node', wants, attemptTtl: null });
    const pushes = [store.jobs.push([asked()]), store.jobs.push([asked()])];
    await Promise.all(pushes);
    expect((await claim).jobs).toHaveLength(2);
    expect(only(await entriesOf(store, 0, 10)).moved.map(({ verb, ids }) => [verb, ids.length])).toEqual([
      ['push', 2],
      ['claim', 2],
    ]);
  });
});

describe('a call that cannot travel', () => {
  const unwritable = asked({ options: { ...asked().options, timeout: 1n as unknown as number } });
  const uncloneable = asked({ payload: (() => 1) as unknown as string });

  it('is rejected alone when it cannot be written', async () => {
    const store = await openIn(temporaryFolder());
    const [bad, good] = await Promise.allSettled([store.jobs.push([unwritable]), store.jobs.push([asked({ name: 'good' })])]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
    expect(good.status).toBe('fulfilled');
    await expect(store.jobs.push([unwritable])).rejects.toMatchObject({ code: 'internal' });
    expect(only((await store.jobs.list(all)).jobs).name).toBe('good');
  });

  it('is rejected with its own batch when it cannot be sent', async () => {
    const store = await openIn(temporaryFolder());
    const underWay = store.jobs.push([asked()]);
    await new Promise(process.nextTick);
    await expect(store.jobs.push([uncloneable])).rejects.toMatchObject({ code: 'internal' });
    await expect(underWay).resolves.toMatchObject([{ kind: 'pushed' }]);
    await expect(store.jobs.push([uncloneable])).rejects.toMatchObject({ code: 'internal' });
    await store.jobs.push([asked()]);
    expect(only(await store.jobs.count()).counts.queued).toBe(2);
    await store.close();
  });
});

describe('a queue that is set back to the defaults', () => {
  it('leaves nothing behind', async () => {
    const path = temporaryFolder();
    const store = await openIn(path);
    await store.queues.configure('q', { paused: true, concurrency: 2 });
    await store.queues.configure('kept', { paused: true });
    expect(await store.queues.configure('q', { paused: false, concurrency: null })).toEqual(openQueue);
    expect((await store.queues.list()).map(({ name }) => name)).toEqual(['kept']);
    await store.close();
    expect((await (await openIn(path)).queues.list()).map(({ name }) => name)).toEqual(['kept']);
  });
});

describe('a sweep', () => {
  it('takes no more large jobs out of the file in one step than a bounded number of bytes', async () => {
    const store = await openIn(temporaryFolder());
    const payload = JSON.stringify('x'.repeat(4_000_000));
    for (let i = 0; i < 10; i++) await store.jobs.push([asked({ payload })]);
    for (const { id } of (await store.jobs.list({ ...all, brief: true })).jobs) await store.jobs.change(id, cancelMoves);
    await store.advance(10_000);
    const retention = { ended: 5_000, journal: 1_000_000, told: null, idempotency: 1_000_000, output: 16_384, limit: 100 };
    const steps = [await store.upkeep.sweep(retention), await store.upkeep.sweep(retention)];
    expect(steps.map(({ jobs, more }) => [jobs, more])).toEqual([
      [9, true],
      [1, false],
    ]);
  });

  it('and a purge, which tells how many of those named are left', async () => {
    const store = await openIn(temporaryFolder());
    const payload = JSON.stringify('x'.repeat(4_000_000));
    for (let i = 0; i < 10; i++) await store.jobs.push([asked({ payload })]);
    const ids = (await store.jobs.list({ ...all, brief: true })).jobs.map(({ id }) => id);
    for (const id of ids) await store.jobs.change(id, cancelMoves);
    const before = (await store.upkeep.time()).now + 1_000;
    const first = await store.jobs.purge(ids, before);
    expect(first).toEqual({ count: 9, rest: 1 });
    expect(await store.jobs.purge(ids.slice(-first.rest), before)).toEqual({ count: 1, rest: 0 });
  });
});
