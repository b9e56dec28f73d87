import { describe, expect, it } from 'vitest';
import { minute, node, type Open, Subject, second, ttl } from './subject.ts';

/** For stores that several processes use. */
export function serverIdSuite(open: Open): void {
  describe('server ids', () => {
    const subject = new Subject(open);
    const join = (incarnation: string, serverId: number | null = null) => subject.store.nodes.join(node(incarnation, { serverId }), ttl);
    const given = async (incarnation: string): Promise<number | null> => {
      const joined = await join(incarnation);
      return joined.kind === 'joined' ? joined.serverId : null;
    };

    it('are handed out from 1, the lowest that no live node has', async () => {
      expect([await given('a'), await given('b'), await given('c')]).toEqual([1, 2, 3]);
      await subject.store.nodes.leave('b');
      await subject.store.nodes.forget('a');
      expect([await given('d'), await given('e'), await given('f')]).toEqual([1, 2, 4]);
      expect((await subject.nodeOf('f')).serverId).toBe(4);
    });

    it('that nodes were configured with are theirs', async () => {
      expect(await join('a', 2)).toMatchObject({ kind: 'joined', serverId: 2 });
      expect(await join('z', 1023)).toMatchObject({ kind: 'joined', serverId: 1023 });
      expect([await given('b'), await given('c')]).toEqual([1, 3]);
    });

    it('are refused as long as a live node has them, also one whose lease has expired', async () => {
      await join('a', 7);
      expect(await join('b', 7)).toEqual({ kind: 'taken', by: 'a' });
      await subject.advance(10 * minute);
      expect(await join('b', 7)).toEqual({ kind: 'taken', by: 'a' });
      expect((await subject.store.nodes.list()).map(({ incarnation }) => incarnation)).toEqual(['a']);
      await subject.buryFor(2 * ttl);
      expect(await join('b', 7)).toMatchObject({ kind: 'joined', serverId: 7 });
    });

    it('stay those of a node that joins again', async () => {
      await given('a');
      expect(await given('b')).toBe(2);
      await subject.store.nodes.leave('a');
      await subject.advance(10 * second);
      expect(await given('b')).toBe(2);
    });
  });
}
