/** The phase of this node's life: kept here alone, and changed only along the arrows of core/node.ts. */
import { mayNode, type NodePhase, type NodeRight, type NodeVerb, nodeLifecycle } from '../core/node.ts';

export interface Phase {
  now(): NodePhase;
  may(right: NodeRight): boolean;
  /** Whether the verb has an arrow from here. */
  can(verb: NodeVerb): boolean;
  /** Goes where the verb leads. `false`: it leads nowhere from here, and nothing has changed. */
  follow(verb: NodeVerb): boolean;
}

export function makePhase(): Phase {
  let phase: NodePhase = 'outside';
  return {
    now: () => phase,
    may: (right) => mayNode(phase, right),
    can: (verb) => nodeLifecycle[verb][phase] !== undefined,
    follow(verb) {
      const to = nodeLifecycle[verb][phase]?.to;
      // A node that is gone is a record that is gone: no process is in that phase.
      if (to === undefined || to === 'gone') return false;
      phase = to;
      return true;
    },
  };
}
