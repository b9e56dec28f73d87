/** All of a node that has to do with workers elsewhere: their polls, and what they serve. */

import type { NodeFace } from '../core/node.ts';
import { type Line, toldOf } from '../core/serving.ts';
import type { Hint } from '../ports/store/store.ts';
import { makePolls, type Polls, type PollsParts } from './polls.ts';
import { makeServedElsewhere, type ServedElsewhere } from './served-elsewhere.ts';
import type { Workers } from './workers.ts';

export interface Elsewhere {
  readonly polls: Polls;
  readonly served: ServedElsewhere;
  /** What this node tells that it serves, by itself or elsewhere. */
  allServed(): NodeFace['serves'];
  /** Whether one of both serves such jobs. */
  serves(line: Line): boolean;
  hear(hint: Hint): void;
}

export interface ElsewhereParts extends Omit<PollsParts, 'served'> {
  readonly workers: Pick<Workers, 'served' | 'serves'>;
  /** Others are served, or fewer. */
  onChange(): void;
}

export function makeElsewhere(parts: ElsewhereParts): Elsewhere {
  const { workers } = parts;
  const served = makeServedElsewhere(parts.clock, parts.onChange);
  const polls = makePolls({ ...parts, served });
  return {
    polls,
    served,
    allServed: () => toldOf([...workers.served(), ...served.now()]),
    serves: (line) => workers.serves(line) || served.serves(line),
    hear(hint) {
      if (hint.kind === 'ready') polls.wake(hint.workers);
    },
  };
}
