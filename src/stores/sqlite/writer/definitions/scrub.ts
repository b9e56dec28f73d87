/** The part of definitions of the scrub: whether they can be read, what their jobs did, what their windows hold, and the versions of their kinds. */
import { type DefinitionKey, definitionKinds, ownerOf } from '../../../../core/definition.ts';
import { mapFacets, newerFact, type OwnedFacts } from '../../../../core/owned.ts';
import { kindCode } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import { factsText } from '../../file/rows/definition.ts';
import type { Row } from '../../file/tape.ts';
import type { State } from '../state.ts';
import type { ScrubPart } from '../upkeep/scrub.ts';
import { makeDefinitionAside } from './aside.ts';
import type { Owned } from './owned.ts';
import { makeParts, type Parts } from './parts.ts';
import { makeDefinitionsTable } from './table.ts';
import { makeVersions } from './versions.ts';

type Walk = ScrubPart['walks'][string];

export const definitionScrubSql = {
  definitions: 'SELECT id, kind, domain, key FROM definitions WHERE id > ? ORDER BY id LIMIT ?',
  windows: `SELECT id, opened_at IS NOT NULL, coalesce(count, 0), (SELECT count(*) FROM parts WHERE definition = definitions.id),
    opened_at IS NULL AND closes_at IS NOT NULL FROM definitions WHERE id > ? ORDER BY id LIMIT ?`,
} as const;

export function makeDefinitionScrub(state: State, owned: Owned): ScrubPart {
  const parts = makeParts(state);
  const versions = makeVersions(state.db);
  const kinds = () => ({ checked: definitionKinds.length, wrong: definitionKinds.filter((kind) => versions.mend(kind)).length });
  return { checks: { kinds }, walks: { facts: makeFactsWalk(state, owned), windows: makeWindowsWalk(state, parts) } };
}

/** One that nobody can read is set aside. A fact about a job that retention has taken stays, unless a job that is there is newer. */
function makeFactsWalk(state: State, owned: Owned): Walk {
  const { db } = state;
  const table = makeDefinitionsTable(state);
  const aside = makeDefinitionAside(state);
  const definitions = prepareRows(db, definitionScrubSql.definitions);
  const exists = prepareRows(db, 'SELECT 1 FROM jobs WHERE id = ?');

  const truth = (known: OwnedFacts, key: DefinitionKey): OwnedFacts => {
    const walked = owned.walk(ownerOf(key));
    const facts = mapFacets((facet) => {
      const fact = known[facet];
      const isThere = fact !== null && exists.get(fact.id) !== undefined;
      return isThere ? walked[facet] : newerFact(fact, walked[facet]);
    });
    return { ...facts, gone: known.gone };
  };

  /** `null`: nobody can reach it, or read it. */
  const keyAt = ([id, kind, domain, key]: Row): DefinitionKey | null => {
    const known = definitionKinds.find((each) => kindCode(each) === kind);
    if (known === undefined) return null;
    const place = { kind: known, domain: String(domain), key: String(key) };
    const found = table.find(place);
    return found !== null && String(found.id) === String(id) ? place : null;
  };

  return (after, limit) => {
    const rows = definitions.all(after ?? '0', limit);
    let wrong = 0;
    for (const row of rows) {
      const [id = null] = row;
      const key = keyAt(row);
      if (key === null) {
        aside.row(String(id), 'nothing has this kind or this key');
        continue;
      }
      const known = owned.read(Number(id));
      const right = truth(known, key);
      if (factsText(known) === factsText(right)) continue;
      owned.write(Number(id), right);
      wrong += 1;
    }
    return { checked: rows.length, wrong, next: rows.length < limit ? null : String(rows.at(-1)?.[0]) };
  };
}

/** The parts are the truth; a window that nobody opened is none, and closes never. */
function makeWindowsWalk({ db }: State, parts: Parts): Walk {
  const windows = prepareRows(db, definitionScrubSql.windows);
  const count = db.prepare('UPDATE definitions SET count = ?, characters = ? WHERE id = ?');
  const close = db.prepare('UPDATE definitions SET closes_at = NULL, count = NULL, dropped = NULL, characters = NULL WHERE id = ?');
  return (after, limit) => {
    const rows = windows.all(after ?? '0', limit);
    const wrong = rows.filter(([, , told, found, isStray]) => told !== found || isStray === 1);
    for (const [id, isOpen] of wrong) {
      const texts = parts.texts(Number(id));
      if (isOpen === 0) {
        parts.remove(Number(id));
        close.run(Number(id));
      } else
        count.run(
          texts.length,
          texts.reduce((sum, text) => sum + text.length, 0),
          Number(id),
        );
    }
    return { checked: rows.length, wrong: wrong.length, next: rows.length < limit ? null : String(rows.at(-1)?.[0]) };
  };
}
