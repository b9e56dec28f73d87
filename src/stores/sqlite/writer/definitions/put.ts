/** Definitions are put, removed, and taken in as they were elsewhere. */
import { atOnce, ownerOf } from '../../../../core/definition.ts';
import type { JobId } from '../../../../core/id.ts';
import { factWith, mapFacets, noFacts } from '../../../../core/owned.ts';
import type { DefinitionCopy } from '../../../../core/transfer.ts';
import type { DefinitionPut } from '../../../../ports/store/definitions.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import { prepareRows } from '../../file/database.ts';
import { type KeptDefinition, removed, type WrittenDefinition } from '../../file/rows/definition.ts';
import type { State } from '../state.ts';
import type { Owned } from './owned.ts';
import type { Parts } from './parts.ts';
import type { DefinitionsTable } from './table.ts';

export function makePut(
  { db, clock }: State,
  table: DefinitionsTable,
  owned: Owned,
  parts: Parts,
): Pick<WriterHandlers['definitions'], 'put' | 'restore'> {
  const job = prepareRows(db, 'SELECT 1 FROM jobs WHERE id = ?');
  const isHere = (id: JobId): boolean => job.get(id) !== undefined;
  const held = prepareRows(db, 'SELECT 1 FROM jobs WHERE id = ? AND fence = ? AND state IN (2, 3)');

  const write = (key: DefinitionPut, before: KeptDefinition | null, definition: Omit<WrittenDefinition, 'version'>): number => {
    const { id, version } = table.write(key, before, definition, key.note);
    if (before === null) {
      const facts = owned.walk(ownerOf(key));
      if (facts !== noFacts) owned.write(id, facts);
    } else if (before.window !== null && definition.window === null) parts.remove(id);
    return version;
  };

  const putOne = (asked: DefinitionPut, before: KeptDefinition | null): number => {
    const { group, body, dueOnEnd } = asked;
    const now = clock.now();
    const firedAt = before?.firedAt ?? null;
    const due = asked.due === 'now' ? atOnce({ firedAt }, now) : asked.due === 'same' ? (before?.due ?? null) : null;
    const kept = { group, body, due, dueOnEnd, window: before?.window ?? null, characters: before?.characters ?? 0 };
    return write(asked, before, {
      ...(body === null ? removed : kept),
      state: asked.state ?? (before === null || before.isRemoved ? '' : before.state),
      firedAt,
      changedAt: now,
    });
  };

  const restoreOne = ({ definition, parts: texts }: DefinitionCopy): 'restored' | 'exists' => {
    const before = table.find(definition);
    if (before !== null && !before.isRemoved) return 'exists';
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    const { id } = table.write(definition, before, { ...definition, characters });
    for (const text of texts) parts.add(id, text);
    const known = before === null ? owned.walk(ownerOf(definition)) : owned.read(id);
    const facts = mapFacets((facet) => factWith(known[facet], definition.owned[facet], isHere));
    owned.write(id, { ...facts, gone: definition.owned.gone });
    return 'restored';
  };

  return {
    put(puts, by) {
      if (by !== null && held.get(by.id, by.fence) === undefined) return { kind: 'lost' };
      const versions = puts.map((asked) => versionNow(table.find(asked)));
      const stale = puts.findIndex((asked, at) => asked.if !== null && asked.if !== versions[at]);
      if (stale >= 0) return { kind: 'stale', at: stale, version: versions[stale] ?? 0 };
      return { kind: 'put', versions: puts.map((asked) => putOne(asked, table.find(asked))) };
    },
    restore: (copies) => copies.map(restoreOne),
  };
}

const versionNow = (kept: KeptDefinition | null): number => (kept === null || kept.isRemoved ? 0 : kept.version);
