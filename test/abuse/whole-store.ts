/** A store with something of every kind in it, and whether it goes on. */
import { expect } from 'vitest';
import type { Job } from '../../src/core/job.ts';
import { noLoad } from '../../src/core/node.ts';
import { cancelMoves, settleMoves } from '../../src/core/transitions.ts';
import { readThrough } from '../../src/engine/readable.ts';
import { failed, succeeded } from '../../src/faces/http/server.suite.ts';
import type { Store } from '../../src/ports/store/store.ts';
import { firingOf, partOf, putOf, trigger } from '../../src/stores/conformance/definitions.ts';
import { behind } from '../../src/stores/conformance/jobs.after.suite.ts';
import { eventOf, jobOf, publishOf } from '../../src/stores/conformance/journal.publish.suite.ts';
import { asked, gap, kept, line, minute, node, only, retrying, ttl } from '../../src/stores/conformance/subject.ts';
import { systemClock } from '../../src/system/clock.ts';
import { triggerBodies } from './records.ts';

const retention = {
  ended: 28 * 24 * 60 * minute,
  journal: 24 * 60 * minute,
  told: null,
  idempotency: 24 * 60 * minute,
  output: 7,
  limit: 1_000,
};
const load = { ...noLoad, slots: 1 };
let count = 0;
const next = (): number => {
  count += 1;
  return count;
};

async function claim(
  { jobs }: Store,
  holder: string,
  worker: string,
  slots: number,
  attemptTtl: number | null = null,
): Promise<readonly Job[]> {
  const wants = () => [{ worker, queues: 'any', slots } as const];
  return (await jobs.claim({ operation: `claim ${next()}`, holder, wants, attemptTtl })).jobs;
}

const end = (store: Store, job: Job): Promise<unknown> => store.jobs.settle(job, settleMoves(job, succeeded('x'.repeat(5_000)), 0.5));

/** Jobs in each state, logs, nodes that live and are gone, queues with limits, definitions with windows, messages, keys, events, readers. */
export async function fill(store: Store): Promise<void> {
  const n = next();
  const own = { worker: `w${n}`, queue: `q${n}` };
  for (const incarnation of [`live${n}`, `gone${n}`])
    await store.nodes.join(node(incarnation, { serves: [{ worker: own.worker, queues: 'any' }] }), ttl);
  await store.nodes.leave(`gone${n}`);
  await store.queues.configure(own.queue, { concurrency: 50, rate: { max: 100, per: minute } });
  await store.definitions.put([putOf(`a${n}`, { group: 'g', state: 'state' }), putOf(`b${n}`, { due: 'never' }), putOf(`c${n}`)]);
  await store.definitions.put([putOf(`b${n}`, { body: null })]);
  await store.definitions.gather([partOf(`a${n}`, '"part"')]);
  const owner = `trigger//a${n}`;
  const idempotency = { key: `key${n}`, digest: 'digest' };
  const jobs = [0, 1, 2, 3].map(() => asked({ ...own, ...retrying(2), owner }));
  await store.jobs.push([...jobs, asked({ ...own, idempotency })]);
  const [first, second, third] = await claim(store, `live${n}`, own.worker, 3);
  if (first !== undefined) await end(store, first);
  if (second !== undefined) await store.jobs.settle(second, settleMoves(second, failed(500, 'no'), 0.5));
  if (third !== undefined) await store.jobs.change(third.id, cancelMoves);
  for (const job of await claim(store, `outside${n}`, own.worker, 1, minute))
    await store.jobs.report(job, { ttl: minute, progress: '{"step":1}', lines: [line(1), line(2)], push: [] });
  const causes = [jobOf(0, own), { event: 0, part: partOf(`a${n}`, '"told"') }];
  const follow = { name: `reader${n}`, from: 0, to: n, waits: false };
  await store.journal.publish(publishOf([eventOf({ key: `key${n}`, doc: '{"a":1}' })], { causes, follow }));
  await store.definitions.put([putOf(`e${n}`, { group: 'event', due: 'never' })]);
  await store.jobs.push([asked({ ...own, manual: true }), asked({ ...own, start: { delay: minute } }), asked({ ...own, payload: '"x"' })]);
  // Of the last two jobs one runs, and one waits for it.
  const limit = `limit${n}`;
  await store.limits.configure(limit, { concurrency: 1, rate: { max: 100, per: minute }, pausedUntil: null });
  await store.jobs.push([asked({ ...own, worker: limit, limit }), asked({ ...own, worker: limit, limit })]);
  await claim(store, `live${n}`, limit, 2);
  // Behind one that waits, one that runs, and one that has failed.
  await store.jobs.push([second, third].map((job) => asked({ ...own, ...behind(job === undefined ? [] : [job]) })));
  const broken = only(kept(await store.jobs.push([asked({ ...own, worker: `broken${n}` })])));
  const waiting = only(kept(await store.jobs.push([asked({ ...own, ...behind([broken]) })])));
  await store.jobs.push([asked({ ...own, ...behind([waiting]) })]);
  await store.jobs.change(broken.id, cancelMoves);
}

/** All steps of a scrub, and all that is read to find what nobody can read. */
export async function scrubAll(store: Store): Promise<void> {
  for (let cursor: string | null = null, steps = 0; ; steps++) {
    expect(steps, 'a scrub comes to its end').toBeLessThan(500);
    cursor = (await store.upkeep.scrub(cursor, 1_000)).next;
    if (cursor === null) break;
  }
  for (let from: string | null = null, steps = 0; ; steps++) {
    expect(steps, 'reading comes to its end').toBeLessThan(500);
    from = await readThrough({ store, clock: systemClock }, from);
    if (from === null) return;
  }
}

/** Whatever was damaged: no call fails, and what comes anew is kept, runs, is listed, fires and is told. */
export async function goesOn(store: Store): Promise<void> {
  const n = next();
  const own = { worker: `on${n}`, queue: `on${n}` };
  const me = `me${n}`;
  expect(await store.nodes.join(node(me), ttl)).toMatchObject({ kind: 'joined' });
  await store.queues.configure(own.queue, { concurrency: 10 });
  const pushed = kept(
    await store.jobs.push([
      asked(own),
      asked(own),
      asked({ ...own, manual: true }),
      asked({ ...own, idempotency: { key: me, digest: 'd' } }),
    ]),
  );
  const ids = pushed.map(({ id }) => id);
  const running = await claim(store, me, own.worker, 9);
  expect(new Set(running.map(({ id }) => id))).toEqual(new Set(ids));
  expect(await store.nodes.renew(me, ttl, 0, load)).toMatchObject({ kind: 'renewed' });
  expect(
    (
      await store.nodes.reconcile(
        me,
        running.map(({ id, fence }) => ({ id, fence })),
        [],
      )
    ).abort,
  ).toEqual([]);
  const waiting = only(kept(await store.jobs.push([asked({ ...own, ...behind(pushed) })])));
  for (const job of running) await report(store, job);
  for (const job of running) expect(await end(store, job)).toBe('settled');
  await limits(store, me);
  await store.jobs.promote(100);
  const last = only(await claim(store, me, own.worker, 9));
  expect(last.id).toBe(waiting.id);
  expect(await end(store, last)).toBe('settled');
  await store.nodes.bury(ttl, gap);
  await store.upkeep.sweep(retention);

  expect(await store.definitions.put([putOf(me, { group: own.queue, body: triggerBodies[0] ?? '' })])).toMatchObject({ kind: 'put' });
  await store.definitions.gather([partOf(me, '1')]);
  await fireAll(store, me);
  await publish(store, me);
  const key = trigger(me);
  expect(only((await store.definitions.list({ by: 'keys', keys: [key] })).definitions)).toMatchObject({
    state: 'fired',
    owned: { live: 1 },
  });

  await scrubAll(store);
  // A score that is wrong puts an index out of order until the scrub has looked.
  for (const group of [null, own.queue]) expect(await keysOf(store, group)).toContain(me);
  await store.nodes.bury(ttl, gap);
  await store.upkeep.sweep(retention);
  expect((await store.nodes.list()).map(({ incarnation }) => incarnation)).toContain(me);
  expect((await store.queues.list()).map(({ name }) => name)).toContain(own.queue);
  const listed = await store.jobs.list({ filter: [], match: null, order: 'newest', from: null, limit: 50, brief: true, lookAt: null });
  expect(listed.jobs.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  expect((await store.jobs.count()).find(({ worker }) => worker === own.worker)?.counts).toMatchObject({
    queued: 0,
    running: 0,
    succeeded: 5,
  });
  for (const { id } of listed.jobs) await store.jobs.lines(id, null, 50);
  for (const { id } of running) expect(await store.jobs.lines(id, null, 50)).toMatchObject({ lines: [{ number: 1 }, { number: 2 }] });
  await toldInJournal(store, ids, me);
  await store.upkeep.time();
  await store.upkeep.unreadable(null, 1_000);
}

/** A limit that is set anew has all but one of its jobs wait. */
async function limits(store: Store, me: string): Promise<void> {
  const limit = `limit of ${me}`;
  await store.limits.configure(limit, { concurrency: 1, rate: null, pausedUntil: null });
  const own = { worker: `limited ${me}`, queue: 'limited', limit };
  const ids = kept(await store.jobs.push([asked(own), asked(own)])).map(({ id }) => id);
  for (const id of ids) {
    const job = only(await claim(store, me, own.worker, 9));
    expect(job.id).toBe(id);
    expect(await end(store, job)).toBe('settled');
  }
  expect(await store.limits.remove(limit)).toBe(true);
}

/** What is told of an attempt is kept, with a job beside it, and only once. */
async function report(store: Store, job: Job): Promise<void> {
  const push = [asked({ worker: 'told', queue: 'told' })];
  const lines = [line(1), line(2)];
  expect(await store.jobs.report(job, { ttl: null, progress: '1', lines, push })).toMatchObject({
    kind: 'reported',
    pushed: [{ kind: 'pushed' }],
  });
  expect(await store.jobs.report(job, { ttl: null, progress: '2', lines, push: [] })).toMatchObject({ kind: 'reported' });
  const log = await store.jobs.lines(job.id, null, 50);
  expect(log).toMatchObject({ lines: [{ number: 1 }, { number: 2 }], progress: { value: '2' } });
}

/** An event is told once, with what it causes, by the rules as they are now and by a reader from where it stands. */
async function publish(store: Store, me: string): Promise<void> {
  expect(await store.definitions.put([putOf(`rule of ${me}`, { group: 'event', due: 'never' })])).toMatchObject({ kind: 'put' });
  const event = eventOf({ key: me });
  const causes = [jobOf(0, { worker: 'told', queue: 'told' }), { event: 0, part: partOf(`rule of ${me}`, '1') }];
  const rules = (await store.definitions.list({ by: 'version', kind: 'trigger', after: 0, limit: 1, group: 'event' })).newestOfGroup;
  const step = publishOf([event], { causes, rules });
  expect(await store.journal.publish(step)).toMatchObject({
    events: [{ kind: 'told' }],
    causes: [{ kind: 'pushed' }, { kind: 'gathered' }],
  });
  expect(await store.journal.publish(step)).toMatchObject({ events: [{ kind: 'known' }], causes: [{ kind: 'known' }, { kind: 'known' }] });
  expect(await store.definitions.parts(trigger(`rule of ${me}`))).toEqual(['1']);
  for (const name of ['reader', me]) {
    const from = await placeOf(store, name);
    const follow = { name, from, to: from + 1, waits: false };
    expect(await store.journal.publish(publishOf([], { follow }))).toMatchObject({ kind: 'published' });
    expect(await placeOf(store, name)).toBe(from + 1);
  }
}

/** Where a reader stands, as somebody learns who asks from nowhere. */
async function placeOf(store: Store, name: string): Promise<number> {
  const asked = await store.journal.publish(publishOf([], { follow: { name, from: -1, to: 0, waits: false } }));
  return asked.kind === 'moved' ? asked.at : expect.fail(`${name} stands nowhere: ${asked.kind}`);
}

/** As the firer does: all that is due, until nothing is. */
async function fireAll(store: Store, key: string): Promise<void> {
  for (let rounds = 0; rounds < 20; rounds++) {
    const { definitions } = await store.definitions.due(['trigger'], 100, 0);
    if (definitions.length === 0) return;
    const job = asked({ queue: key.replace('me', 'on'), worker: 'fired', owner: `trigger//${key}` });
    const firings = definitions.map((definition) => firingOf(definition, definition.key === key ? { jobs: [job] } : {}));
    const fired = await store.definitions.fire(firings);
    expect(fired[definitions.findIndex((definition) => definition.key === key)] ?? { kind: 'fired' }).toMatchObject({ kind: 'fired' });
    if (fired.every(({ kind }) => kind === 'lost')) await scrubAll(store);
  }
  throw new Error('it is due for ever');
}

async function keysOf(store: Store, group: string | null): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let from: { readonly domain: string; readonly key: string } | null = null; ; ) {
    const page = await store.definitions.list({ by: 'place', kind: 'trigger', domain: null, group, from, limit: 50 });
    keys.push(...page.definitions.map((definition) => definition.key));
    if (page.next === null) return keys;
    from = page.next;
  }
}

/** The jobs were told to have moved, and the event of this key stands there once. */
async function toldInJournal(store: Store, ids: readonly string[], key: string): Promise<void> {
  const told = new Set<string>();
  let events = 0;
  for (let after = 0; ; ) {
    const { entries } = await store.journal.entries(after, 500);
    for (const { moved } of entries) for (const move of moved) for (const id of move.ids) told.add(id);
    events += entries.flatMap((entry) => entry.told).filter((event) => event.key === key).length;
    const last = entries.at(-1)?.seq;
    if (last === undefined) break;
    expect(last).toBeGreaterThan(after);
    after = last;
  }
  for (const id of ids) expect(told).toContain(id);
  expect(events).toBe(1);
}
