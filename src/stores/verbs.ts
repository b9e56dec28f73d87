/** What each verb of each noun does to a store, in one table. A verb without its row in its noun's file does not compile. */
import { definitionRows } from '../ports/store/definitions.ts';
import { jobRows } from '../ports/store/jobs.ts';
import { journalRows } from '../ports/store/journal.ts';
import { limitRows } from '../ports/store/limits.ts';
import { nodeRows } from '../ports/store/nodes.ts';
import { queueRows } from '../ports/store/queues.ts';
import type { Store, StoreNoun } from '../ports/store/store.ts';
import { upkeepRows } from '../ports/store/upkeep.ts';
import type { Rank, Verb, Verbs } from '../ports/store/verb.ts';

/** In which order the calls of one batch are done. */
export const ranks: Readonly<Record<Rank, number>> = { frees: 0, adds: 1, takes: 2, looks: 3 };

const byNoun: { readonly [N in StoreNoun]: Verbs<Store[N]> } = {
  jobs: jobRows,
  queues: queueRows,
  limits: limitRows,
  nodes: nodeRows,
  definitions: definitionRows,
  journal: journalRows,
  upkeep: upkeepRows,
};

export type VerbName = { readonly [N in StoreNoun]: `${N}.${keyof Store[N] & string}` }[StoreNoun];

export const verbs = Object.fromEntries(
  Object.entries(byNoun).flatMap(([noun, rows]) => Object.entries(rows).map(([verb, row]) => [`${noun}.${verb}`, row])),
) as Readonly<Record<VerbName, Verb>>;

export const rankOf = (name: VerbName): number => ranks[verbs[name].rank];
