/** A store of which some methods are others, for tests of what uses it. */
import type { Store, StoreNoun } from '../../ports/store/store.ts';

export type Alterations = Partial<Omit<Store, StoreNoun>> & { readonly [N in StoreNoun]?: Partial<Store[N]> };

export function altered(store: Store, { jobs, queues, limits, nodes, definitions, journal, upkeep, ...rest }: Alterations): Store {
  return {
    ...store,
    ...rest,
    jobs: { ...store.jobs, ...jobs },
    queues: { ...store.queues, ...queues },
    limits: { ...store.limits, ...limits },
    nodes: { ...store.nodes, ...nodes },
    definitions: { ...store.definitions, ...definitions },
    journal: { ...store.journal, ...journal },
    upkeep: { ...store.upkeep, ...upkeep },
  };
}
