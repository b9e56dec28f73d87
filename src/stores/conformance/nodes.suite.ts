import { describe, expect, it } from 'vitest';
import type { Millis } from '../../core/duration.ts';
import type { AttemptRef, Job } from '../../core/job.ts';
import { digestOf, noLoad } from '../../core/node.ts';
import { cancelMoves, maxLost } from '../../core/transitions.ts';
import { asked, gap, minute, node, type Open, only, refOf, retrying, Subject, second, ttl } from './subject.ts';

const link = { host: 'n', port: 5_000, fingerprint: 'ab', process: { machine: 'm 1', pid: 7, startedAt: '12' } };

export function nodeSuite(open: Open): void {
  describe('a node', () => {
    const subject = new Subject(open);
    const digest = async (): Promise<string> => {
      const renewed = await subject.renew();
      return renewed.kind === 'renewed' ? renewed.digest : 'buried';
    };

    it('is known from its joining', async () => {
      expect(await subject.store.nodes.list()).toEqual([]);
      const told = { incarnation: 'n.1', name: 'n', version: '1.2.3', address: 'http://n:9900', serves: [], link: null };
      const joined = await subject.store.nodes.join({ ...told, serverId: null }, ttl);
      const record = only(await subject.store.nodes.list());
      const { startedAt, serverId, heardAgo, leaseLeft } = record;
      expect(joined).toEqual({ kind: 'joined', serverId, namesakes: [] });
      const rest = { mode: 'active', load: noLoad, state: 'live', startedAt, serverId, heardAgo, leaseLeft };
      expect(record).toEqual({ ...told, ...rest });
      expect(heardAgo).toBeLessThan(10 * second);
      expect(leaseLeft).toBeGreaterThan(ttl - 10 * second);
      const { createdAt } = await subject.push();
      expect(Math.abs(createdAt - startedAt)).toBeLessThan(10 * second);
    });

    it('joins again, as after a lost reply, to the same record and a new lease', async () => {
      const first = await subject.store.nodes.join(node('n'), ttl);
      const record = await subject.nodeOf('n');
      await subject.advance(ttl / 2);
      expect(await subject.store.nodes.join(node('n'), ttl)).toEqual(first);
      const { heardAgo, leaseLeft, ...same } = only(await subject.store.nodes.list());
      expect(record).toMatchObject(same);
      expect(leaseLeft).toBeGreaterThan(ttl - 10 * second);
      expect(heardAgo).toBeLessThan(10 * second);
    });

    it('is told of live nodes of the same name', async () => {
      await subject.store.nodes.join(node('n.1', { name: 'n' }), ttl);
      await subject.store.nodes.join(node('m.1', { name: 'm' }), ttl);
      await subject.store.nodes.join(node('n.0', { name: 'n' }), ttl);
      await subject.store.nodes.leave('n.0');
      expect(await subject.store.nodes.join(node('n.2', { name: 'n' }), ttl)).toMatchObject({ kind: 'joined', namesakes: ['n.1'] });
    });

    it('tells its load and gets a new lease when it renews', async () => {
      await subject.join();
      await subject.advance(ttl / 2);
      const before = await subject.nodeOf('node');
      expect(before.heardAgo).toBeGreaterThanOrEqual(ttl / 2);
      expect(before.leaseLeft).toBeLessThanOrEqual(ttl / 2);
      await subject.store.nodes.renew('node', ttl, 0, { running: 3, slots: 10, cpu: 97, memory: null, isCritical: true });
      const after = await subject.nodeOf('node');
      expect(after.load).toEqual({ running: 3, slots: 10, cpu: 97, memory: null, isCritical: true });
      expect(after.heardAgo).toBeLessThan(10 * second);
      expect(after.leaseLeft).toBeGreaterThan(ttl - 10 * second);
    });

    it('tells what it serves and where it is reached when it joins, and again when that has changed', async () => {
      const first = { address: 'http://n:1', serves: [{ worker: 'w', queues: 'any' as const }], link };
      const later = {
        address: 'http://n:2',
        serves: [
          { worker: 'w', queues: ['a', 'b'] },
          { worker: 'größe;/ %', queues: 'any' as const },
        ],
        link: { ...link, process: null },
      };
      await subject.store.nodes.join(node('n', first), ttl);
      expect(await subject.nodeOf('n')).toMatchObject(first);
      await subject.store.nodes.renew('n', ttl, 0, noLoad);
      await subject.store.nodes.join(node('n', { serves: [] }), ttl);
      expect(await subject.nodeOf('n')).toMatchObject(first);
      await subject.store.nodes.renew('n', ttl, 0, noLoad, later);
      expect(await subject.nodeOf('n')).toMatchObject(later);
      await subject.store.nodes.renew('n', ttl, 0, noLoad);
      expect(await subject.nodeOf('n')).toMatchObject(later);
      await subject.store.nodes.renew('n', ttl, 0, noLoad, { address: '', serves: null, link: null });
      expect(await subject.nodeOf('n')).toMatchObject({ address: '', serves: null, link: null });
    });

    it('serves nothing any more when it is gone, and what it tells when it joins anew', async () => {
      const serves = [{ worker: 'w', queues: 'any' as const }];
      for (const name of ['left', 'forgotten']) await subject.store.nodes.join(node(name, { address: 'http://n:1', serves }), ttl);
      await subject.store.nodes.renew('left', ttl, 0, noLoad, { address: 'http://n:2', serves, link });
      await subject.store.nodes.leave('left');
      await subject.store.nodes.forget('forgotten');
      expect(only(await subject.store.nodes.list())).toMatchObject({ state: 'left', address: 'http://n:2', serves: [], link: null });
      await subject.store.nodes.join(node('forgotten'), ttl);
      expect(await subject.nodeOf('forgotten')).toMatchObject({ state: 'live', serves: [], link: null });
      expect(await subject.store.nodes.renew('left', ttl, 0, noLoad, { address: '', serves, link: null })).toEqual({ kind: 'buried' });
      expect(await subject.nodeOf('left')).toMatchObject({ serves: [], link: null });
    });

    it('has no lease left when that has expired, and is live all the same', async () => {
      await subject.join();
      await subject.advance(2 * ttl);
      expect(await subject.nodeOf('node')).toMatchObject({ state: 'live', leaseLeft: 0 });
    });

    it('renews to an empty inbox and an empty digest when it holds nothing', async () => {
      await subject.join();
      expect(await subject.renew()).toEqual({ kind: 'renewed', mode: 'active', inbox: [], digest: digestOf([]) });
    });

    it('is buried when nobody knows it', async () => {
      expect(await subject.renew('nobody')).toEqual({ kind: 'buried' });
    });

    it('is told the digest of what it holds', async () => {
      await subject.pushAll(Array.from({ length: 4 }, () => asked()));
      const [a, b, c] = await subject.claim(3);
      if (a === undefined || b === undefined || c === undefined) throw new Error('three jobs were claimed');
      await subject.claim(1, { holder: 'other' });
      expect(await digest()).toBe(digestOf([a, b, c]));
      await subject.store.jobs.change(a.id, cancelMoves);
      expect(await digest()).toBe(digestOf([a, b, c]));
      await subject.succeed(a);
      await subject.fail(b);
      expect(await digest()).toBe(digestOf([c]));
      await subject.release(c);
      expect(await digest()).toBe(digestOf([]));
    });

    it('hands everything back when it leaves, without burning an attempt', async () => {
      await subject.pushAll([asked(), asked(), asked()]);
      const [runs, stops, stays] = [await subject.claimOne(), await subject.claimOne(), await subject.claimOne({ holder: 'other' })];
      await subject.store.jobs.change(stops.id, cancelMoves);
      await subject.store.nodes.leave('node');
      expect(await subject.get(runs.id)).toEqual({ ...runs, state: 'queued', attempt: 0, holder: '', startedAt: null });
      expect(await subject.get(stops.id)).toMatchObject({ state: 'canceled', reason: 'stopped' });
      expect(await subject.get(stays.id)).toEqual(stays);
      expect(await subject.succeed(runs)).toBe('lost');
      expect(await subject.renew()).toEqual({ kind: 'buried' });
      expect(await subject.claim(9)).toEqual([]);
      await subject.store.nodes.leave('node');
    });
  });

  describe('reconcile', () => {
    const subject = new Subject(open);

    it('changes nothing when both sides hold the same', async () => {
      const jobs = [await subject.running(), await subject.running()];
      expect(await subject.store.nodes.reconcile('node', jobs.map(refOf), [])).toEqual({ abort: [], released: [] });
      expect(await subject.listAll()).toEqual(jobs);
    });

    it('names what the node holds and the store does not know', async () => {
      const ended = await subject.running();
      await subject.succeed(ended);
      const taken = await subject.running();
      await subject.release(taken);
      const elsewhere = await subject.claimOne({ holder: 'other' });
      const unknown: AttemptRef = { id: '99', fence: '1' };
      await subject.join('node');
      const held = [refOf(ended), refOf(taken), refOf(elsewhere), unknown];
      expect(await subject.store.nodes.reconcile('node', held, [])).toEqual({ abort: held, released: [] });
      expect(await subject.get(elsewhere.id)).toEqual(elsewhere);
    });

    it('hands back what the store knows and the node does not hold', async () => {
      const [kept, forgotten, stopping] = [await subject.running(), await subject.running(), await subject.running()];
      await subject.store.jobs.change(stopping.id, cancelMoves);
      const { abort, released } = await subject.store.nodes.reconcile('node', [refOf(kept)], []);
      expect(abort).toEqual([]);
      expect(released).toEqual([refOf(forgotten), refOf(stopping)]);
      expect(await subject.get(forgotten.id)).toMatchObject({ state: 'queued', attempt: 0, lost: 0 });
      expect(await subject.get(stopping.id)).toMatchObject({ state: 'canceled', reason: 'stopped' });
      expect(await subject.get(kept.id)).toEqual(kept);
    });

    it('leaves alone what a claim under way has started', async () => {
      await subject.pushAll([asked(), asked()]);
      const [pending, done] = [subject.operation(), subject.operation()];
      const unanswered = await subject.claimOne({ operation: pending });
      const forgotten = await subject.claimOne({ operation: done });
      expect(await subject.store.nodes.reconcile('node', [], [pending])).toEqual({ abort: [], released: [refOf(forgotten)] });
      expect(await subject.get(unanswered.id)).toEqual(unanswered);
    });

    it('tells a buried node to abort all it holds', async () => {
      const job = await subject.running();
      await subject.store.nodes.leave('node');
      expect(await subject.store.nodes.reconcile('node', [refOf(job)], [])).toEqual({ abort: [refOf(job)], released: [] });
    });
  });

  burySuite(open);
}

function burySuite(open: Open): void {
  describe('bury', () => {
    const subject = new Subject(open);
    const claimBy = async (holder: string): Promise<Job> => {
      await subject.join(holder);
      return subject.claimOne({ holder });
    };
    const liveFor = async (time: Millis, incarnation: string): Promise<void> => {
      for (let passed = 0; passed < time; passed += 10 * second) {
        await subject.advance(10 * second);
        expect(await subject.store.nodes.bury(ttl, gap)).toEqual({ incarnations: [], attempts: 0 });
        expect((await subject.renew(incarnation)).kind).toBe('renewed');
      }
    };

    it('takes back what an expired node held and tells how much', async () => {
      const pushed = await subject.push(retrying(3));
      const job = await claimBy('gone');
      await subject.join('alive', 60 * minute);
      expect(await subject.buryFor(2 * minute)).toBe(1);
      expect(await subject.get(job.id)).toEqual({ ...pushed, fence: job.fence, lost: 1 });
      expect(only(await subject.attempts(job.id))).toMatchObject({
        attempt: 1,
        fence: job.fence,
        holder: 'gone',
        end: 'lost',
      });
      expect((await subject.store.nodes.list()).map(({ incarnation, state }) => [incarnation, state])).toEqual([
        ['alive', 'live'],
        ['gone', 'buried'],
      ]);
      expect(await subject.succeed(job)).toBe('lost');
      expect(await subject.renew('gone')).toEqual({ kind: 'buried' });
    });

    it('names those it buries', async () => {
      await subject.join('a', second);
      await subject.join('b', second);
      await subject.join('c', 60 * minute);
      const named: string[] = [];
      for (let passed = 0; passed <= 2 * ttl; passed += 10 * second) {
        named.push(...(await subject.store.nodes.bury(ttl, gap)).incarnations);
        await subject.advance(10 * second);
      }
      expect(new Set(named)).toEqual(new Set(['a', 'b']));
      expect(named).toHaveLength(2);
    });

    it('buries at once who is known to be dead, whatever its lease says, and nobody else', async () => {
      await subject.push(retrying(3));
      const job = await claimBy('dead');
      await subject.join('alive', 60 * minute);
      expect(await subject.store.nodes.bury(ttl, gap, ['nobody', 'dead'])).toEqual({ incarnations: ['dead'], attempts: 1 });
      expect(await subject.store.nodes.bury(ttl, gap, ['dead'])).toEqual({ incarnations: [], attempts: 0 });
      expect(await subject.get(job.id)).toMatchObject({ state: 'queued', lost: 1 });
      expect(await subject.succeed(job)).toBe('lost');
      expect(await subject.renew('dead')).toEqual({ kind: 'buried' });
      expect((await subject.renew('alive')).kind).toBe('renewed');
    });

    it('leaves a node alone that renews, however long it lives', async () => {
      await subject.push();
      const job = await claimBy('alive');
      await liveFor(5 * minute, 'alive');
      expect(await subject.get(job.id)).toEqual(job);
    });

    it('lets an expired node renew as long as it is not buried', async () => {
      await subject.push();
      const job = await claimBy('late');
      await subject.advance(5 * minute);
      expect(await subject.renew('late')).toMatchObject({ kind: 'renewed', digest: digestOf([job]) });
      expect((await subject.store.nodes.bury(ttl, gap)).attempts).toBe(0);
      expect(await subject.succeed(job)).toBe('settled');
    });

    it('buries nobody before it was asked for a whole ttl', async () => {
      await subject.push();
      await claimBy('gone');
      await subject.advance(10 * minute);
      expect(await subject.buryFor(ttl - 10 * second)).toBe(0);
      await subject.advance(10 * second);
      expect(await subject.store.nodes.bury(ttl, gap)).toEqual({ incarnations: ['gone'], attempts: 1 });
    });

    it('begins anew after a gap', async () => {
      await subject.buryFor(2 * ttl);
      await subject.push();
      await claimBy('gone');
      await subject.advance(10 * minute);
      expect(await subject.buryFor(ttl - 10 * second)).toBe(0);
      await subject.advance(20 * second);
      expect(await subject.buryFor(ttl - 10 * second)).toBe(0);
      await subject.advance(10 * second);
      expect((await subject.store.nodes.bury(ttl, gap)).incarnations).toEqual(['gone']);
    });

    it('cancels what was being stopped: nobody is left to answer', async () => {
      await subject.push();
      const job = await claimBy('gone');
      await subject.store.jobs.change(job.id, cancelMoves);
      expect(await subject.buryFor(2 * minute)).toBe(1);
      expect(await subject.get(job.id)).toMatchObject({ state: 'canceled', reason: 'stopped', lost: 1 });
    });

    it('fails a job that must not run twice', async () => {
      await subject.push({ options: { ...asked().options, onLost: 'fail' } });
      const job = await claimBy('gone');
      await subject.buryFor(2 * minute);
      expect(await subject.get(job.id)).toMatchObject({ state: 'failed', reason: 'lost', attempt: 1, lost: 1, holder: 'gone' });
    });

    it(`fails a job that lost its holder ${maxLost} times`, async () => {
      const { id } = await subject.push();
      for (let i = 1; i <= maxLost; i++) {
        expect(await subject.get(id)).toMatchObject({ state: 'queued', lost: i - 1, attempt: 0 });
        await claimBy(`gone-${i}`);
        expect(await subject.buryFor(2 * minute)).toBe(1);
      }
      const failed = await subject.get(id);
      expect(failed).toMatchObject({ state: 'failed', reason: 'lost', lost: maxLost });
      expect(failed.result.error).toContain('lost');
      expect(await subject.attempts(id)).toHaveLength(maxLost - 1);
    });

    it('runs a job always that is to, however often its holder is lost', async () => {
      const { id } = await subject.push({ options: { ...asked().options, onLost: 'always' } });
      for (let i = 1; i <= maxLost + 2; i++) {
        await claimBy(`gone-${i}`);
        expect(await subject.buryFor(2 * minute)).toBe(1);
        expect(await subject.get(id)).toMatchObject({ state: 'queued', lost: i, attempt: 0, options: { onLost: 'always' } });
      }
    });

    it('finds nobody to bury after an outage in which nobody could renew, if all return within a ttl', async () => {
      await subject.push();
      const job = await claimBy('long');
      await liveFor(2 * ttl, 'long');
      await subject.advance(10 * minute);
      expect(await subject.buryFor(ttl - 20 * second)).toBe(0);
      expect(await subject.renew('long')).toMatchObject({ kind: 'renewed', digest: digestOf([job]) });
      expect(await subject.buryFor(ttl - 20 * second)).toBe(0);
      expect(await subject.succeed(job)).toBe('settled');
    });

    it('takes from a node that stood still while the others went on, and lets it write nothing afterwards', async () => {
      await subject.push();
      const job = await claimBy('still');
      await subject.join('alive', 60 * minute);
      expect(await subject.buryFor(2 * minute)).toBe(1);
      const again = await subject.claimOne({ holder: 'alive' });
      expect(await subject.renew('still')).toEqual({ kind: 'buried' });
      expect(await subject.succeed(job)).toBe('lost');
      expect(await subject.claim(9, { holder: 'still' })).toEqual([]);
      expect(await subject.get(job.id)).toEqual(again);
    });

    it('takes a jump of the clock for an outage', async () => {
      await subject.push();
      const job = await claimBy('alive');
      await liveFor(2 * ttl, 'alive');
      await subject.advance(24 * 60 * minute);
      expect(await subject.store.nodes.bury(ttl, gap)).toEqual({ incarnations: [], attempts: 0 });
      expect(await subject.renew('alive')).toMatchObject({ kind: 'renewed', digest: digestOf([job]) });
    });

    it('hints that jobs are ready again', async () => {
      await subject.push();
      await claimBy('gone');
      expect(await subject.hintDuring('ready', () => subject.buryFor(2 * minute))).toEqual({ kind: 'ready', workers: ['w'] });
    });
  });
}
