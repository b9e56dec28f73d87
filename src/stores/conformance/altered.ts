/** A store of which some methods are others, for tests of what uses it. */
import type { Store } from '../../ports/store/store.ts';

type Noun = 'jobs' | 'queues' | 'nodes' | 'journal' | 'upkeep';

export type Alterations = Partial<Omit<Store, Noun>> & { readonly [N in Noun]?: Partial<Store[N]> };

export function altered(store: Store, { jobs, queues, nodes, journal, upkeep, ...rest }: Alterations): Store {
  return {
    ...store,
    ...rest,
    jobs: { ...store.jobs, ...jobs },
    queues: { ...store.queues, ...queues },
    nodes: { ...store.nodes, ...nodes },
    journal: { ...store.journal, ...journal },
    upkeep: { ...store.upkeep, ...upkeep },
  };
}
