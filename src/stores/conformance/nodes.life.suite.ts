/** The life of a node as the store sees it, held against the table of core/node.ts: every verb of the store in every phase. */
import { describe, expect, it } from 'vitest';
import { type NodePhase, type NodeVerb, nodeLifecycle } from '../../core/node.ts';
import { minute, type Open, Subject, second, ttl } from './subject.ts';

/** The phases that a store can tell apart. It does not know one that has not joined. */
const phases = ['joining', 'active', 'draining', 'left', 'buried'] as const satisfies readonly NodePhase[];
type StorePhase = (typeof phases)[number];

/** All but `join` of one that is gone: no process asks for that, since its incarnation is new at every start. */
const verbs = ['join', 'renew', 'drain', 'resume', 'leave', 'bury', 'forget'] as const satisfies readonly NodeVerb[];
type StoreVerb = (typeof verbs)[number];
const isAsked = (verb: StoreVerb, phase: StorePhase): boolean => verb !== 'join' || (phase !== 'left' && phase !== 'buried');

/** Where the verb leads, as the store shows it: what leaves is stopping, which the store shows as draining. */
function target(verb: StoreVerb, phase: StorePhase): NodePhase | 'gone' {
  const from = verb === 'leave' && (phase === 'active' || phase === 'draining') ? 'stopping' : phase;
  return nodeLifecycle[verb][from]?.to ?? phase;
}

export function nodeLifeSuite(open: Open): void {
  describe('a node in its life', () => {
    const subject = new Subject(open);

    async function bring(phase: StorePhase): Promise<void> {
      if (phase === 'joining') return;
      await subject.join('node', phase === 'buried' ? second : 60 * minute);
      if (phase === 'draining') await subject.store.nodes.steer('node', 'draining');
      if (phase === 'left') await subject.store.nodes.leave('node');
      if (phase === 'buried') await subject.buryFor(2 * ttl);
    }

    async function ask(verb: StoreVerb): Promise<unknown> {
      switch (verb) {
        case 'join':
          return subject.join('node', 60 * minute);
        case 'renew':
          return subject.renew();
        case 'drain':
        case 'resume':
          return subject.store.nodes.steer('node', verb === 'drain' ? 'draining' : 'active');
        case 'bury':
          return subject.buryFor(90 * minute);
        default:
          return subject.store.nodes[verb]('node');
      }
    }

    async function phaseNow(): Promise<StorePhase | 'gone'> {
      const record = (await subject.store.nodes.list()).find(({ incarnation }) => incarnation === 'node');
      if (record === undefined) return 'gone';
      return record.state === 'live' ? record.mode : record.state;
    }

    const cells = verbs.flatMap((verb) => phases.filter((phase) => isAsked(verb, phase)).map((phase) => ({ verb, phase })));

    it.each(cells)('$verb of one that is $phase leads where the table says', async ({ verb, phase }) => {
      await bring(phase);
      await ask(verb);
      const to = target(verb, phase);
      expect(await phaseNow()).toBe(to === 'joining' ? 'gone' : to);
    });
  });
}
