/** What the tests of definitions share. */
import { type Decision, type Definition, type DefinitionKey, dueAt, ownerOf, type Part } from '../../core/definition.ts';
import { hasEnded, type Job } from '../../core/job.ts';
import { type Facet, facets, factOf, isOf, noEnds, type Owned } from '../../core/owned.ts';
import type { DefinitionPut, Fired, Firing } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import { all, minute, only } from './subject.ts';

export const trigger = (key: string, domain = ''): DefinitionKey => ({ kind: 'trigger', domain, key });

/** A put of the trigger `key`, due at once. */
export const putOf = (key: string, otherwise: Partial<DefinitionPut> = {}): DefinitionPut => ({
  ...trigger(key),
  ...{ group: '', body: '{}', state: null, due: 'now', dueOnEnd: false, if: null },
  ...otherwise,
});

export const partOf = (key: string, text: string, otherwise: Partial<Part> = {}): Part => ({
  ...trigger(key),
  ...{ text, wait: 10 * minute, maxWait: null, most: { parts: 100, characters: 10_000 } },
  ...otherwise,
});

/** A firing of the definition as it was seen. */
export const firingOf = (definition: Definition, decision: Partial<Decision & Pick<Firing, 'knownPutOff'>> = {}): Firing => ({
  ...{ kind: definition.kind, domain: definition.domain, key: definition.key },
  version: definition.version,
  tick: dueAt(definition) ?? 0,
  ...{ next: null, state: 'fired', jobs: [], overlap: 'allow', collect: null, note: 'noted', knownPutOff: null },
  ...decision,
});

export async function found(store: Store, key: string, domain = ''): Promise<Definition> {
  const { definitions } = await store.definitions.list({ by: 'keys', keys: [trigger(key, domain)] });
  return only(definitions);
}

/** Fires the trigger as it is now. */
export async function fireNow(store: Store, key: string, decision: Parameters<typeof firingOf>[1] = {}): Promise<Fired> {
  return only(await store.definitions.fire([firingOf(await found(store, key), decision)]));
}

/** What a walk over all jobs tells of those of one definition that is not due on their end. */
export async function walked(store: Store, key: DefinitionKey): Promise<Owned> {
  const { jobs } = await store.jobs.list(all);
  const owned = jobs.filter(({ owner }) => owner === ownerOf(key));
  const newest = (facet: Facet): Job | undefined => owned.findLast((job) => isOf(job, facet));
  const facts = facets.map((facet) => {
    const job = newest(facet);
    return [facet, job === undefined ? null : factOf(job)];
  });
  return { ...Object.fromEntries(facts), live: owned.filter(({ state }) => !hasEnded(state)).length, ended: null, gone: noEnds };
}
