/** Pages of definitions. */
import { type DefinitionKind, ownerOf } from '../../core/definition.ts';
import type { DefinitionCount, DefinitionPage, DefinitionPlace, DefinitionQuery } from '../../ports/store/definitions.ts';
import { bounded, found, shown } from './definitions.ts';
import type { KeptDefinition, State } from './state.ts';
import type { Step } from './step.ts';

type By<Name extends DefinitionQuery['by']> = Extract<DefinitionQuery, { readonly by: Name }>;

export function list(state: State, _step: Step, query: DefinitionQuery): DefinitionPage {
  switch (query.by) {
    case 'keys':
      return page(
        state,
        query.keys.flatMap((key) => found(state, key) ?? []),
        { newest: 0 },
      );
    case 'place':
      return byPlace(state, query);
    case 'version':
      return byVersion(state, query);
  }
}

export function count(state: State, _step: Step, { kind, domain, group, limit }: DefinitionCount): number {
  const found = ofKind(state, kind).filter((kept) => kept.body !== null && kept.domain === domain && kept.group === group);
  return Math.min(found.length, limit);
}

function page(
  state: State,
  definitions: readonly KeptDefinition[],
  rest: Pick<DefinitionPage, 'newest'> & Partial<DefinitionPage>,
): DefinitionPage {
  return { next: null, newestOfGroup: 0, complete: true, more: false, ...rest, definitions: definitions.map((kept) => shown(state, kept)) };
}

function byPlace(state: State, { kind, domain, group, from, limit }: By<'place'>): DefinitionPage {
  const all = ofKind(state, kind)
    .filter((kept) => kept.body !== null && (domain === null || kept.domain === domain) && (group === null || kept.group === group))
    .filter((kept) => from === null || comparePlaces(kept, from) >= 0)
    .sort(comparePlaces);
  const kept = bounded(all, (each) => each, limit);
  const next = all[kept.length];
  return page(state, kept, {
    newest: state.versions.get(kind) ?? 0,
    more: next !== undefined,
    next: next === undefined ? null : { domain: next.domain, key: next.key },
  });
}

function byVersion(state: State, { kind, after, limit, group }: By<'version'>): DefinitionPage {
  const all = ofKind(state, kind)
    .filter(({ version }) => version > after)
    .sort((a, b) => a.version - b.version);
  const kept = bounded(all, (each) => each, limit);
  return page(state, kept, {
    newest: state.versions.get(kind) ?? 0,
    newestOfGroup: group === undefined ? 0 : (state.groupVersions.get(`${kind}/${group}`) ?? 0),
    more: kept.length < all.length,
    complete: after === 0 || after >= (state.sweptVersions.get(kind) ?? 0),
  });
}

const ofKind = (state: State, kind: DefinitionKind): KeptDefinition[] =>
  [...state.definitions.values()].filter((kept) => kept.kind === kind);

const compareTexts = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const comparePlaces = (a: DefinitionPlace, b: DefinitionPlace): number => compareTexts(a.domain, b.domain) || compareTexts(a.key, b.key);

/** The oldest removed ones leave for good. Answers how many, and whether there are more. */
export function sweepRemoved(state: State, before: number, limit: number): { readonly count: number; readonly more: boolean } {
  const old = [...state.definitions.values()]
    .filter(({ body, changedAt }) => body === null && changedAt < before)
    .sort((a, b) => a.changedAt - b.changedAt);
  for (const kept of old.slice(0, limit)) {
    state.definitions.delete(ownerOf(kept));
    state.sweptVersions.set(kept.kind, Math.max(state.sweptVersions.get(kept.kind) ?? 0, kept.version));
  }
  return { count: Math.min(old.length, limit), more: old.length > limit };
}
