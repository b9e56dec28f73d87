import { describe, expect, it } from 'vitest';
import { goneNodes, noLoad } from '../../core/node.ts';
import { cancelMoves } from '../../core/transitions.ts';
import { anyQueue, minute, node, type Open, only, Subject, second, ttl } from './subject.ts';

export function nodeAdminSuite(open: Open): void {
  steerSuite(open);
  forgetSuite(open);
  goneSuite(open);
}

function steerSuite(open: Open): void {
  describe('a node that is drained', () => {
    const subject = new Subject(open);

    it('claims nothing and keeps what runs, until it is active again', async () => {
      await subject.push();
      const job = await subject.claimOne();
      await subject.push();
      expect(await subject.store.nodes.steer('node', 'draining')).toEqual(['node']);
      expect(await subject.nodeOf('node')).toMatchObject({ mode: 'draining', state: 'live' });
      expect(await subject.claim()).toEqual([]);
      expect(await subject.get(job.id)).toEqual(job);
      expect(await subject.succeed(job)).toBe('settled');
      expect(await subject.store.nodes.steer('node', 'active')).toEqual(['node']);
      expect(await subject.claim()).toHaveLength(1);
    });

    it('is answered its claim again when the reply was lost', async () => {
      await subject.push();
      const operation = subject.operation();
      const job = await subject.claimOne({ operation });
      await subject.store.nodes.steer('node', 'draining');
      expect(await subject.claimOne({ operation })).toEqual(job);
    });

    it('hears of it by a hint and at its next renewal', async () => {
      await subject.join();
      expect(await subject.hintDuring('inbox', () => subject.store.nodes.steer('node', 'draining'))).toEqual({
        kind: 'inbox',
        holder: 'node',
      });
      expect(await subject.renew()).toMatchObject({ mode: 'draining' });
      expect(await subject.store.nodes.join(node('node'), ttl)).toMatchObject({ kind: 'joined' });
      expect(await subject.renew()).toMatchObject({ mode: 'draining' });
      await subject.store.nodes.steer('node', 'active');
      expect(await subject.renew()).toMatchObject({ mode: 'active' });
    });

    it('is found by its name or by its incarnation', async () => {
      await subject.store.nodes.join(node('n.1', { name: 'n' }), ttl);
      await subject.store.nodes.join(node('n.2', { name: 'n' }), ttl);
      await subject.store.nodes.join(node('m.1', { name: 'm' }), ttl);
      expect(await subject.store.nodes.steer('n.2', 'draining')).toEqual(['n.2']);
      expect(new Set(await subject.store.nodes.steer('n', 'draining'))).toEqual(new Set(['n.1', 'n.2']));
      expect((await subject.nodeOf('m.1')).mode).toBe('active');
    });

    it('is not there when it is gone or was never known', async () => {
      await subject.join();
      await subject.store.nodes.leave('node');
      expect(await subject.store.nodes.steer('node', 'draining')).toEqual([]);
      expect(await subject.store.nodes.steer('nobody', 'draining')).toEqual([]);
    });

    it('leaves its work to others at once', async () => {
      await subject.join('other', 60 * minute);
      await subject.join('node', 60 * minute);
      await subject.push();
      expect(await subject.hintDuring('ready', () => subject.store.nodes.steer('node', 'draining'))).toEqual({
        kind: 'ready',
        workers: null,
      });
      expect((await subject.request([anyQueue(1)], { holder: 'other' })).jobs).toHaveLength(1);
    });
  });
}

function forgetSuite(open: Open): void {
  describe('a node that is forgotten', () => {
    const subject = new Subject(open);

    it('is gone at once, whatever its lease says, and what it held is taken back as lost', async () => {
      const [runs, stops] = [await subject.running(), await subject.running()];
      await subject.store.jobs.change(stops.id, cancelMoves);
      const forgotten = subject.hintDuring('ready', async () => {
        expect(await subject.store.nodes.forget('node')).toEqual({ kind: 'forgotten', attempts: 2 });
      });
      expect(await forgotten).toEqual({ kind: 'ready', workers: ['w'] });
      expect(await subject.get(runs.id)).toMatchObject({ state: 'queued', attempt: 0, lost: 1 });
      expect(await subject.get(stops.id)).toMatchObject({ state: 'canceled', reason: 'stopped' });
      expect(await subject.store.nodes.list()).toEqual([]);
      expect(await subject.renew()).toEqual({ kind: 'buried' });
      expect(await subject.succeed(runs)).toBe('lost');
      expect(await subject.claim(9)).toEqual([]);
    });

    it('is missing when it was never known, or is forgotten already', async () => {
      expect(await subject.store.nodes.forget('nobody')).toEqual({ kind: 'missing' });
      await subject.store.nodes.join(node('n.1', { name: 'n' }), ttl);
      expect(await subject.store.nodes.forget('n')).toEqual({ kind: 'missing' });
      expect(await subject.store.nodes.forget('n.1')).toEqual({ kind: 'forgotten', attempts: 0 });
      expect(await subject.store.nodes.forget('n.1')).toEqual({ kind: 'missing' });
    });

    it('leaves the other answers of its turn alone, also when it is missing', async () => {
      await subject.join();
      const calls = [subject.store.nodes.forget('nobody'), subject.store.nodes.steer('node', 'active'), subject.push()] as const;
      expect(await Promise.all(calls)).toMatchObject([{ kind: 'missing' }, ['node'], { state: 'queued' }]);
    });

    it('is no longer listed when it was gone before', async () => {
      await subject.join();
      await subject.store.nodes.leave('node');
      expect(await subject.store.nodes.forget('node')).toEqual({ kind: 'forgotten', attempts: 0 });
      expect(await subject.store.nodes.list()).toEqual([]);
    });
  });
}

function goneSuite(open: Open): void {
  describe('a node that is gone', () => {
    const subject = new Subject(open);

    it('is listed after the live ones with the way it went, the last one first', async () => {
      await subject.join('alive', 60 * minute);
      await subject.join('dies', 10 * second);
      await subject.store.nodes.steer('dies', 'draining');
      await subject.store.nodes.renew('dies', 10 * second, 0, { ...noLoad, running: 1, slots: 2 });
      await subject.advance(30 * second);
      await subject.join('leaves', 60 * minute);
      await subject.store.nodes.leave('leaves');
      await subject.buryFor(2 * ttl);
      const nodes = await subject.store.nodes.list();
      expect(nodes.map(({ incarnation, state }) => [incarnation, state])).toEqual([
        ['alive', 'live'],
        ['leaves', 'left'],
        ['dies', 'buried'],
      ]);
      expect(nodes[2]).toMatchObject({ mode: 'draining', load: noLoad, leaseLeft: 0 });
      expect(nodes[2]?.heardAgo).toBeGreaterThanOrEqual(2 * ttl + 30 * second);
      expect(nodes[1]?.heardAgo).toBeLessThan(2 * ttl + 30 * second);
    });

    it('is listed for a while', async () => {
      await subject.join();
      await subject.store.nodes.leave('node');
      await subject.advance(goneNodes.shownFor - minute);
      expect(only(await subject.store.nodes.list()).state).toBe('left');
      await subject.advance(minute);
      expect(await subject.store.nodes.list()).toEqual([]);
    });

    it('makes room for newer ones', async () => {
      for (let i = 0; i <= goneNodes.most; i++) {
        await subject.join(`n${i}`);
        await subject.advance(10 * second);
        await subject.store.nodes.leave(`n${i}`);
      }
      const names = (await subject.store.nodes.list()).map(({ name }) => name);
      expect(names).toEqual(Array.from({ length: goneNodes.most }, (_, i) => `n${goneNodes.most - i}`));
    });
  });
}
