/** What does each call of the writer, by noun. The compiler asks for all of them. */
import type { WriterHandlers } from '../calls/calls.ts';
import { makeChange } from './jobs/change.ts';
import { makeClaim } from './jobs/claim.ts';
import { makeHeld } from './jobs/held.ts';
import { makeMover } from './jobs/move.ts';
import { makePromoter } from './jobs/promote.ts';
import { makePush, makePusher } from './jobs/push.ts';
import { makeRestore } from './jobs/restore.ts';
import { makeJobScrub } from './jobs/scrub.ts';
import { makeSettle } from './jobs/settle.ts';
import { makeJobSweep } from './jobs/sweep.ts';
import { makeJournalSweep } from './journal/sweep.ts';
import { makeNodes } from './nodes/nodes.ts';
import { makeNodeScrub } from './nodes/scrub.ts';
import { makeQueues } from './queues/queues.ts';
import type { State } from './state.ts';
import { makeScrub } from './upkeep/scrub.ts';
import { makeSweep } from './upkeep/sweep.ts';

export function makeHandlers(state: State): WriterHandlers {
  const mover = makeMover(state);
  const pusher = makePusher(state);
  const promoter = makePromoter(state);
  const nodes = makeNodes(state, makeHeld(state), mover);
  const queues = makeQueues(state);
  return {
    jobs: {
      ...makePush(pusher),
      ...makeClaim(state, queues, nodes, promoter),
      ...makeSettle(state, mover, pusher),
      ...makeChange(state, mover, nodes),
      promote: promoter.promote,
      count: () => state.counters.lines(),
    },
    queues: queues.calls,
    nodes: nodes.calls,
    journal: {},
    upkeep: {
      ...makeRestore(state),
      sweep: makeSweep({ ...makeJobSweep(state), ...makeJournalSweep(state) }),
      scrub: makeScrub([makeJobScrub(state, mover), makeNodeScrub(state)]),
    },
    clock: { advance: (by) => state.clock.advance(by) },
  };
}
