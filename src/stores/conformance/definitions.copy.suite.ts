import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../core/definition.ts';
import { noEnds } from '../../core/owned.ts';
import { arrived, type DefinitionCopy } from '../../core/transfer.ts';
import { cancelMoves, restartMoves } from '../../core/transitions.ts';
import { firingOf, found, partOf, putOf, trigger, walked } from './definitions.ts';
import { asked, minute, type Open, only, Subject } from './subject.ts';

export function copySuite(open: Open): void {
  describe('definitions that come from elsewhere', () => {
    const subject = new Subject(open);
    const other = new Subject(open);

    async function copyOf(key: string): Promise<DefinitionCopy> {
      return { definition: await found(other.store, key), parts: await other.store.definitions.parts(trigger(key)) };
    }

    it('are kept as they were, under versions of here', async () => {
      await other.store.definitions.put([putOf('x'), putOf('a', { group: 'g', state: 'words', dueOnEnd: true, body: '[1.0]' })]);
      await other.store.definitions.gather([partOf('a', '1'), partOf('a', '2')]);
      await other.succeed(await other.running({ owner: ownerOf(trigger('a')) }));
      const copy = await copyOf('a');
      expect(await subject.hintDuring('defined', () => subject.store.definitions.restore([copy]))).toEqual({ kind: 'defined' });
      const { version, ...kept } = await found(subject.store, 'a');
      const { version: _, ...was } = copy.definition;
      expect(kept).toEqual({ ...was, owned: { ...was.owned, live: 0, ended: noEnds } });
      expect(version).toBe((await subject.store.definitions.list({ by: 'version', kind: 'trigger', after: 0, limit: 9 })).newest);
      expect(await subject.store.definitions.parts(trigger('a'))).toEqual(['1', '2']);
      await subject.advance(1_000);
      expect(only((await subject.store.definitions.due(['trigger'], 9, 0)).definitions).key).toBe('a');
    });

    it('leave alone what is here, unless that was removed', async () => {
      await other.store.definitions.put([putOf('a', { state: 'theirs' }), putOf('b', { state: 'theirs' })]);
      await subject.store.definitions.put([putOf('a', { state: 'ours' }), putOf('b', { state: 'ours', body: null })]);
      expect(await subject.store.definitions.restore([await copyOf('a'), await copyOf('b')])).toEqual(['exists', 'restored']);
      expect([(await found(subject.store, 'a')).state, (await found(subject.store, 'b')).state]).toEqual(['ours', 'theirs']);
    });

    it('tell what their jobs did, whichever come first', async () => {
      await other.store.definitions.put([putOf('a')]);
      const [ended, waits] = [await other.running({ owner: ownerOf(trigger('a')) }), await other.push({ owner: ownerOf(trigger('a')) })];
      await other.succeed(ended);
      const jobs = await Promise.all([ended.id, waits.id].map(async (id) => ({ job: await other.get(id), attempts: [] })));
      const copy = await copyOf('a');
      await subject.store.jobs.restore(jobs.slice(0, 1));
      await subject.store.definitions.restore([copy]);
      await subject.store.jobs.restore(jobs);
      expect((await found(subject.store, 'a')).owned).toEqual(copy.definition.owned);
      expect(await walked(subject.store, trigger('a'))).toEqual(copy.definition.owned);
    });

    it('tell nothing of a job that is here and has gone on', async () => {
      await other.store.definitions.put([putOf('a')]);
      const { id } = await other.running({ owner: ownerOf(trigger('a')) });
      await other.store.jobs.change(id, cancelMoves);
      const copy = await copyOf('a');
      await subject.store.jobs.restore([arrived({ job: await other.get(id), attempts: [] }, 0)]);
      await subject.store.definitions.restore([copy]);
      const { owned } = await found(subject.store, 'a');
      expect(owned).toMatchObject({ newest: { id, end: 'canceled' }, live: 0 });
      expect(owned).toEqual(await walked(subject.store, trigger('a')));
    });

    it('are told of an end that the copy did not know', async () => {
      await other.store.definitions.put([putOf('asks', { due: 'never', dueOnEnd: true }), putOf('not', { due: 'never', dueOnEnd: true })]);
      const { id } = await other.running({ owner: ownerOf(trigger('asks')) });
      await other.store.jobs.change(id, cancelMoves);
      const told = await other.running({ owner: ownerOf(trigger('not')) });
      await other.succeed(told);
      await other.store.definitions.fire([firingOf(await found(other.store, 'not'), { next: null })]);
      const [asks, not] = [await copyOf('asks'), await copyOf('not')];
      await subject.store.definitions.restore([asks, not]);
      const jobs = await Promise.all([id, told.id].map(async (each) => arrived({ job: await other.get(each), attempts: [] }, 0)));
      const coming = () => subject.store.jobs.restore(jobs);
      expect(await subject.hintDuring('defined', coming)).toEqual({ kind: 'defined' });
      expect((await subject.store.definitions.due(['trigger'], 9, 0)).definitions.map(({ key }) => key)).toEqual(['asks']);
    });

    it('wait no longer for a job that ended on the way', async () => {
      await other.store.definitions.put([putOf('a')]);
      const { id } = await other.running({ owner: ownerOf(trigger('a')) });
      await other.store.jobs.change(id, cancelMoves);
      await other.store.definitions.gather([partOf('a', '1')]);
      const firing = firingOf(await found(other.store, 'a'), { jobs: [asked({ owner: ownerOf(trigger('a')) })], next: null });
      await other.store.definitions.fire([{ ...firing, overlap: 'skip', collect: { payload: ['[', ']'], about: ['[', ',', ']'] } }]);
      const copy = await copyOf('a');
      expect(copy.definition.window).toMatchObject({ closesAt: null, count: 1 });
      await subject.store.definitions.restore([copy]);
      await subject.store.jobs.restore([arrived({ job: await other.get(id), attempts: [] }, 0)]);
      await subject.advance(minute);
      expect(only((await subject.store.definitions.due(['trigger'], 9, 0)).definitions)).toMatchObject({ key: 'a', window: { count: 1 } });
    });

    it('are put right by a job that comes in otherwise than they told', async () => {
      await other.store.definitions.put([putOf('a')]);
      const { id } = await other.running({ owner: ownerOf(trigger('a')) });
      await other.succeed(await other.get(id));
      const copy = await copyOf('a');
      await other.store.jobs.change(id, restartMoves);
      await subject.store.definitions.restore([copy]);
      await subject.store.jobs.restore([{ job: await other.get(id), attempts: [] }]);
      const { owned } = await found(subject.store, 'a');
      expect(owned).toMatchObject({ newest: { id, end: null }, succeeded: null, live: 1 });
      expect(owned).toEqual(await walked(subject.store, trigger('a')));
    });
  });
}
