/** Definitions as they are kept, and the verbs that put them, look at what is due, gather parts and take in copies. */
import { atOnce, type Definition, type DefinitionKey, type DefinitionKind, dueAt, ownerOf, type Part } from '../../core/definition.ts';
import type { Millis } from '../../core/duration.ts';
import type { JobId } from '../../core/id.ts';
import type { AttemptRef } from '../../core/job.ts';
import { factWith, mapFacets, withGone } from '../../core/owned.ts';
import type { DefinitionCopy } from '../../core/transfer.ts';
import { fitsWindow, windowWith } from '../../core/window.ts';
import type { DefinitionPut, Due, Put } from '../../ports/store/definitions.ts';
import { endedOf, factsOf, liveOf } from './owned.ts';
import type { KeptDefinition, State } from './state.ts';
import type { Step } from './step.ts';

/** `undefined`: there is none, or it was removed. */
export function found(state: State, key: DefinitionKey): KeptDefinition | undefined {
  const kept = state.definitions.get(ownerOf(key));
  return kept === undefined || kept.body === null ? undefined : kept;
}

export function shown(state: State, { parts: _, facts, ...definition }: KeptDefinition): Definition {
  const owner = ownerOf(definition);
  const ended = definition.dueOnEnd ? withGone(endedOf(state, owner), facts) : null;
  return { ...definition, owned: { ...facts, live: liveOf(state, owner), ended } };
}

export function put(state: State, step: Step, puts: readonly DefinitionPut[], by?: AttemptRef): Put {
  if (by !== undefined && state.records.held(by) === undefined) return { kind: 'lost' };
  const versions = puts.map((asked) => found(state, asked)?.version ?? 0);
  const stale = puts.findIndex((asked, at) => asked.if !== null && asked.if !== versions[at]);
  if (stale >= 0) return { kind: 'stale', at: stale, version: versions[stale] ?? 0 };
  return { kind: 'put', versions: puts.map((asked) => putOne(state, step, asked)) };
}

function putOne(state: State, step: Step, asked: DefinitionPut): number {
  const { kind, domain, key, group, body, dueOnEnd } = asked;
  const owner = ownerOf(asked);
  const before = state.definitions.get(owner);
  const kept: KeptDefinition = {
    ...{ kind, domain, key, group, body, dueOnEnd },
    state: asked.state ?? found(state, asked)?.state ?? '',
    firedAt: before?.firedAt ?? null,
    due: asked.due === 'now' ? atOnce({ firedAt: before?.firedAt ?? null }, step.now) : asked.due === 'same' ? (before?.due ?? null) : null,
    window: before?.window ?? null,
    parts: before?.parts ?? [],
    facts: before?.facts ?? factsOf(state, owner),
    ...change(state, step, kind),
  };
  return keep(state, step, body === null ? asRemoved(kept) : kept, asked.note);
}

/** A new version of its kind, and the time of the change. */
function change(state: State, step: Step, kind: DefinitionKind): Pick<KeptDefinition, 'version' | 'changedAt'> {
  const version = (state.versions.get(kind) ?? 0) + 1;
  state.versions.set(kind, version);
  return { version, changedAt: step.now };
}

const asRemoved = (kept: KeptDefinition): KeptDefinition => ({
  ...kept,
  body: null,
  group: '',
  due: null,
  dueOnEnd: false,
  window: null,
  parts: [],
});

/** The version counts for the group that it leaves and the one that it enters. */
function keep(state: State, step: Step, kept: KeptDefinition, note?: string): number {
  const left = state.definitions.get(ownerOf(kept))?.group ?? '';
  for (const group of [left, kept.group]) if (group !== '') state.groupVersions.set(`${kept.kind}/${group}`, kept.version);
  state.definitions.set(ownerOf(kept), kept);
  step.defined(ownerOf(kept), kept.version, note);
  return kept.version;
}

export function remove(state: State, step: Step, kept: KeptDefinition): void {
  keep(state, step, { ...asRemoved(kept), ...change(state, step, kept.kind) });
}

export function due(state: State, step: Step, kinds: readonly DefinitionKind[], limit: number, behind: Millis): Due {
  const waiting = [...state.definitions.values()]
    .flatMap((kept) => {
      const at = kinds.includes(kept.kind) ? dueAt(kept) : null;
      return at === null ? [] : [{ kept, in: at + behind - step.now }];
    })
    .sort((a, b) => a.in - b.in);
  const late = bounded(
    waiting.filter((each) => each.in <= 0),
    ({ kept }) => kept,
    limit,
  );
  const next = waiting[late.length];
  return {
    now: step.now,
    definitions: late.map(({ kept }) => shown(state, kept)),
    nextIn: next === undefined ? null : Math.max(0, next.in),
  };
}

export function parts(state: State, _step: Step, key: DefinitionKey): readonly string[] {
  return found(state, key)?.parts ?? [];
}

export function gather(state: State, step: Step, asked: readonly Part[]): readonly ('gathered' | 'dropped' | 'missing')[] {
  return asked.map((part) => {
    const kept = found(state, part);
    if (kept === undefined) return 'missing';
    const characters = kept.parts.reduce((sum, text) => sum + text.length, 0);
    const fits = fitsWindow(kept.window, characters, part);
    const window = windowWith(kept, part, fits, step.now);
    const after = { ...kept, window, parts: fits ? [...kept.parts, part.text] : kept.parts };
    state.definitions.set(ownerOf(part), after);
    if (isSooner(dueAt(after), dueAt(kept))) step.hint({ kind: 'defined' });
    return fits ? 'gathered' : 'dropped';
  });
}

/** Characters of bodies in one answer, about. */
const mostCharacters = 1024 * 1024;

/** As many as one answer may have, one at least if there is any. */
export function bounded<T>(all: readonly T[], keptOf: (item: T) => KeptDefinition, limit: number): readonly T[] {
  let characters = 0;
  const end = all.findIndex((item, at) => {
    characters += keptOf(item).body?.length ?? 0;
    return at > 0 && characters > mostCharacters;
  });
  return all.slice(0, end < 0 ? limit : Math.min(limit, end));
}

const isSooner = (a: number | null, b: number | null): boolean => a !== null && (b === null || a < b);

export function restore(state: State, step: Step, copies: readonly DefinitionCopy[]): readonly ('restored' | 'exists')[] {
  return copies.map(({ definition: { owned, ...definition }, parts }) => {
    const owner = ownerOf(definition);
    if (found(state, definition) !== undefined) return 'exists';
    const known = state.definitions.get(owner)?.facts ?? factsOf(state, owner);
    const { version } = change(state, step, definition.kind);
    const isHere = (id: JobId): boolean => state.records.get(id) !== undefined;
    keep(state, step, {
      ...definition,
      version,
      parts,
      facts: { ...mapFacets((facet) => factWith(known[facet], owned[facet], isHere)), gone: owned.gone },
    });
    return 'restored';
  });
}
