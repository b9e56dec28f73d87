/** The part of definitions of the scrub: what their jobs did, and what their windows hold. */
import { type DefinitionKey, ownerOf } from '../../../../core/definition.ts';
import { mapFacets, newerFact, type OwnedFacts } from '../../../../core/owned.ts';
import { kindOf } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { factsText } from '../../file/rows/definition.ts';
import type { State } from '../state.ts';
import type { ScrubPart } from '../upkeep/scrub.ts';
import type { Owned } from './owned.ts';
import { makeParts, type Parts } from './parts.ts';

type Walk = ScrubPart['walks'][string];

export const definitionScrubSql = {
  definitions: 'SELECT id, kind, domain, key FROM definitions WHERE id > ? ORDER BY id LIMIT ?',
  windows: `SELECT id, opened_at IS NOT NULL, coalesce(count, 0), (SELECT count(*) FROM parts WHERE definition = definitions.id)
    FROM definitions WHERE id > ? ORDER BY id LIMIT ?`,
} as const;

export function makeDefinitionScrub(state: State, owned: Owned): ScrubPart {
  const parts = makeParts(state);
  return { checks: {}, walks: { facts: makeFactsWalk(state, owned), windows: makeWindowsWalk(state, parts) } };
}

/** A fact about a job that retention has taken stays, unless a job that is there is newer. */
function makeFactsWalk({ db }: State, owned: Owned): Walk {
  const definitions = prepareRows(db, definitionScrubSql.definitions);
  const exists = prepareRows(db, 'SELECT 1 FROM jobs WHERE id = ?');

  const truth = (known: OwnedFacts, key: DefinitionKey): OwnedFacts => {
    const walked = owned.walk(ownerOf(key));
    return mapFacets((facet) => {
      const fact = known[facet];
      const isThere = fact !== null && exists.get(fact.id) !== undefined;
      return isThere ? walked[facet] : newerFact(fact, walked[facet]);
    });
  };

  return (after, limit) => {
    const rows = definitions.all(after ?? '0', limit);
    let wrong = 0;
    for (const [id, kind, domain, key] of rows) {
      const known = owned.read(Number(id));
      const right = truth(known, { kind: kindOf(Number(kind)), domain: String(domain), key: String(key) });
      if (factsText(known) === factsText(right)) continue;
      owned.write(Number(id), right);
      wrong += 1;
    }
    return { checked: rows.length, wrong, next: rows.length < limit ? null : String(rows.at(-1)?.[0]) };
  };
}

/** The parts are the truth. */
function makeWindowsWalk({ db }: State, parts: Parts): Walk {
  const windows = prepareRows(db, definitionScrubSql.windows);
  const count = db.prepare('UPDATE definitions SET count = ?, characters = ? WHERE id = ?');
  return (after, limit) => {
    const rows = windows.all(after ?? '0', limit);
    const wrong = rows.filter(([, , told, found]) => told !== found);
    for (const [id, isOpen] of wrong) {
      const texts = parts.texts(Number(id));
      if (isOpen === 0) parts.remove(Number(id));
      else
        count.run(
          texts.length,
          texts.reduce((sum, text) => sum + text.length, 0),
          Number(id),
        );
    }
    return { checked: rows.length, wrong: wrong.length, next: rows.length < limit ? null : String(rows.at(-1)?.[0]) };
  };
}
