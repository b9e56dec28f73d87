import { expect, it } from 'vitest';
import type { Incarnation } from '../core/node.ts';
import type { Links, LostPeer, Peer } from '../ports/links.ts';
import { openMemory } from '../stores/memory/index.ts';
import { silent } from '../system/silent.ts';
import { makeFace } from './face.ts';
import { makePeers } from './peers.ts';
import { makePhase } from './phase.ts';

const link = { host: '127.0.0.1', port: 1, fingerprint: 'f', process: null };

/** This node is `me.1`, in a cluster of those; what it links to is up to the test. */
async function among(...names: readonly string[]) {
  const store = openMemory();
  const join = (name: string) =>
    store.nodes.join({ incarnation: `${name}.1`, name, version: '1', address: '', serves: [], link, serverId: null }, 60_000);
  for (const name of ['me', ...names]) await join(name);
  const told: { away: Incarnation[]; kept: (readonly Incarnation[])[]; isReached: boolean } = { away: [], kept: [], isReached: true };
  let end: (peer: Incarnation, hasLeft: boolean) => void = () => undefined;
  let lose: (peer: LostPeer) => void = () => undefined;
  const links: Links = {
    open: async () => link,
    keep: (_, peers: readonly Peer[]) => void told.kept.push(peers.map(({ incarnation }) => incarnation)),
    onLost(listener) {
      lose = listener;
    },
    onEnd(listener) {
      end = listener;
    },
    onMessage: () => undefined,
    linked: () => told.away,
    sayAway: () => undefined,
    away: () => told.away,
    send: () => true,
    close: async () => undefined,
  };
  const phase = makePhase();
  for (const verb of ['start', 'join'] as const) phase.follow(verb);
  const nodes = { ...store.nodes, list: async () => (told.isReached ? store.nodes.list() : Promise.reject(new Error('away'))) };
  const peers = makePeers({
    ...{ store: { ...store, nodes }, log: silent, phase, ttl: 60_000, links: async () => links, key: async () => 'k' },
    ...{ incarnation: () => 'me.1', wake: () => undefined, tellNodes: async () => undefined },
    face: makeFace({ served: () => [], isKnown: () => false, tell: () => undefined }),
    liveLinks: { heard: () => undefined, ended: () => undefined },
  });
  return { peers, told, end: (peer: Incarnation, hasLeft: boolean) => end(peer, hasLeft), lose: (peer: LostPeer) => lose(peer) };
}

it('takes all others to be without the store when each says so, has left, or is dead', async () => {
  const { peers, told, end, lose } = await among('a', 'b', 'c');
  await peers.link();
  expect(peers.allAway()).toBe(false);
  told.away.push('a.1');
  end('b.1', true);
  expect(peers.allAway()).toBe(false);
  lose({ incarnation: 'c.1', isDead: true, why: 'its process is gone' });
  expect(peers.allAway()).toBe(true);
  // A link that is only cut tells nothing.
  told.away.length = 0;
  end('a.1', false);
  expect(peers.allAway()).toBe(false);
});

it('is without others when it is alone, and where nobody makes links', async () => {
  const { peers } = await among();
  expect(peers.allAway()).toBe(true);
  await peers.link();
  expect(peers.allAway()).toBe(true);
});

it('makes links again while the store is away, but to those that are gone', async () => {
  const { peers, told, end } = await among('a', 'b');
  await peers.link();
  told.isReached = false;
  end('b.1', true);
  await expect(peers.link()).rejects.toThrow('away');
  expect(told.kept).toEqual([
    ['me.1', 'a.1', 'b.1'],
    ['me.1', 'a.1'],
  ]);
});
