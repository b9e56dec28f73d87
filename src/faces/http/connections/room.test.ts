import { describe, expect, it } from 'vitest';
import { makeRoom } from './room.ts';

describe('room', () => {
  it('is what nobody holds, and one that is larger than all of it is taken alone', () => {
    const room = makeRoom(100, 'full');
    expect(room.fits(1_000)).toBe(true);
    const share = room.take(60);
    expect([room.fits(40), room.fits(41), room.isFull]).toEqual([true, false, false]);
    share.resize(100);
    expect([room.fits(1), room.isFull]).toEqual([false, true]);
    share.release();
    expect(room.fits(100)).toBe(true);
  });

  it('is given back once: a share that was released holds nothing again, whatever becomes of its answer', () => {
    const room = makeRoom(100, 'full');
    const share = room.take(60);
    share.release();
    share.release();
    share.resize(90);
    expect([room.fits(100), room.isFull]).toEqual([true, false]);
    room.take(100);
    expect(room.fits(1)).toBe(false);
  });

  it('goes to those who wait for it, in their order', async () => {
    const room = makeRoom(100, 'full');
    const first = room.take(80);
    const waiting = room.await(50);
    // Nobody goes before who waits.
    expect(room.fits(10)).toBe(false);
    const last = room.await(50);
    first.release();
    const [one, two] = await Promise.all([waiting, last]);
    expect(room.isFull).toBe(true);
    one.release();
    two.release();
    expect(room.fits(100)).toBe(true);
  });

  it('is grown into by who has some, as others give it back, and alone whatever it is', async () => {
    const room = makeRoom(100, 'full');
    const [first, second] = [room.take(50), room.take(50)];
    const grown = second.grow(80);
    expect(room.fits(0)).toBe(false);
    first.release();
    await grown;
    expect([room.fits(20), room.fits(21)]).toEqual([true, false]);
    await second.grow(500);
    expect(room.isFull).toBe(true);
    second.release();
    expect(room.fits(100)).toBe(true);
  });

  it('is grown into past one who needs more than there is, so that nobody waits for who waits for him', async () => {
    const room = makeRoom(100, 'full');
    const [large, small, third] = [room.take(40), room.take(20), room.take(20)];
    const grown = large.grow(90);
    await small.grow(40);
    const later = third.grow(60);
    small.release();
    await later;
    third.release();
    await grown;
    expect([room.fits(10), room.fits(11)]).toEqual([true, false]);
  });

  it('is given up by the newest of those who all want more, for the others', async () => {
    const room = makeRoom(100, 'full');
    const shares = Array.from({ length: 4 }, () => room.take(25));
    const [second, fourth, first, third] = [1, 3, 0, 2].map((at) => shares[at]?.grow(50));
    // When the last of them has asked nobody would ever give anything back.
    await expect(fourth).rejects.toThrow('full');
    // Who had asked first goes on, until it wants still more.
    await second;
    const more = shares[1]?.grow(75);
    await expect(third).rejects.toThrow('full');
    await first;
    expect(room.isFull).toBe(true);
    shares[0]?.release();
    await more;
    shares[1]?.release();
    expect(room.fits(100)).toBe(true);
  });

  it('is given up by the newest for one who has waited for long, and by no more than need be', { timeout: 20_000 }, async () => {
    const room = makeRoom(100, 'full');
    room.take(20);
    const shares = Array.from({ length: 4 }, () => room.take(20));
    const results = await Promise.allSettled(shares.map((share) => share.grow(40)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(room.isFull).toBe(true);
  });

  it('is not grown into by who is gone, and nobody waits behind such a one', async () => {
    const room = makeRoom(100, 'full');
    const [first, second] = [room.take(50), room.take(50)];
    const grown = second.grow(80);
    const waiting = room.await(50);
    second.release();
    await expect(grown).rejects.toThrow('full');
    await waiting;
    first.release();
    expect([room.fits(50), room.fits(51)]).toEqual([true, false]);
    await expect(second.grow(10)).rejects.toThrow('full');
  });
});
