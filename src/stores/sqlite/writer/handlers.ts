/** What does each call of the writer, by noun. The compiler asks for all of them. */
import type { WriterHandlers } from '../calls/calls.ts';
import { makeDefinitionAside } from './definitions/aside.ts';
import { makeDefinitions } from './definitions/definitions.ts';
import { makeOwned } from './definitions/owned.ts';
import { makeDefinitionScrub } from './definitions/scrub.ts';
import { makeDefinitionSweep } from './definitions/sweep.ts';
import { makeWaiting } from './jobs/after.ts';
import { makeChange } from './jobs/change.ts';
import { makeClaim } from './jobs/claim.ts';
import { makeExpiries } from './jobs/expiries.ts';
import { makeHistorySweep } from './jobs/history-sweep.ts';
import { makeMover } from './jobs/move.ts';
import { makePromoter } from './jobs/promote.ts';
import { makePurge } from './jobs/purge.ts';
import { makePush, makePusher } from './jobs/push.ts';
import { makeReport } from './jobs/report.ts';
import { makeRestore } from './jobs/restore.ts';
import { makeJobScrub } from './jobs/scrub.ts';
import { makeSettle } from './jobs/settle.ts';
import { makeJobSweep } from './jobs/sweep.ts';
import { makeUniques } from './jobs/uniques.ts';
import { makeEntryAside } from './journal/aside.ts';
import { makePublish } from './journal/publish.ts';
import { makeJournalSweep } from './journal/sweep.ts';
import { makeLimits } from './limits/limits.ts';
import { makeNodes } from './nodes/nodes.ts';
import { makeNodeScrub } from './nodes/scrub.ts';
import { makeQueues } from './queues/queues.ts';
import type { State } from './state.ts';
import { makeScrub } from './upkeep/scrub.ts';
import { makeSweep } from './upkeep/sweep.ts';
import { makeUnreadable } from './upkeep/unreadable.ts';

export function makeHandlers(state: State): WriterHandlers {
  const owned = makeOwned(state);
  const mover = makeMover(state, owned);
  const limits = makeLimits(state);
  const uniques = makeUniques(state);
  const expiries = makeExpiries(state, mover);
  const waiting = makeWaiting(state, mover);
  const pusher = makePusher(state, { owned, limits, uniques, expiries, waiting });
  const promoter = makePromoter(state, expiries);
  const queues = makeQueues(state);
  const definitions = makeDefinitions(state, owned, mover, pusher);
  const nodes = makeNodes(state, mover);
  return {
    jobs: {
      ...makePush(pusher),
      ...makeClaim(state, { queues, promoter, limits, waiting }),
      ...makeSettle(state, { owned, mover, queues }),
      ...makeReport(state, pusher),
      ...makeChange(state, mover, owned),
      ...makePurge(state, owned),
      ...makeRestore(state, { owned, uniques, expiries, waiting }),
      promote: (limit) => waiting.tellEnds() + promoter.promote(limit) + limits.letIn(),
      count: () => state.counters.lines(),
    },
    queues: queues.calls,
    limits: limits.calls,
    nodes: nodes.calls,
    definitions,
    journal: makePublish(state, { pusher, gather: definitions.gather }),
    upkeep: {
      sweep: makeSweep(state, {
        ...makeJobSweep(state, owned, limits),
        ...makeHistorySweep(state),
        ...makeJournalSweep(state),
        ...makeDefinitionSweep(state),
      }),
      scrub: makeScrub([makeJobScrub(state, mover, waiting), limits.scrub, makeNodeScrub(state), makeDefinitionScrub(state, owned)]),
      ...makeUnreadable(state.db, {
        job: state.aside.take,
        definition: makeDefinitionAside(state).named,
        entry: makeEntryAside(state),
        queue: queues.setAside,
        limit: limits.setAside,
        node: nodes.setAside,
        key: () => false,
      }),
      time: () => ({ now: state.clock.now(), ahead: state.clock.orderAhead(), sweepsIn: state.clock.believedIn() }),
    },
    searches: {},
    clock: { advance: (by) => state.clock.advance(by), step: (by) => state.clock.step(by) },
  };
}
