/** What the jobs of a definition did: kept beside it, in the step in which a job moves, as core/owned.ts has it. */
import { hasEnded, type Job } from '../../../../core/job.ts';
import {
  type Facet,
  factAfter,
  factOf,
  isEnd,
  isLive,
  isNewsTo,
  mapFacets,
  noEnds,
  noFacts,
  type OwnedFacts,
  type OwnedJob,
  type OwnedRecord,
  oneMoreGone,
} from '../../../../core/owned.ts';
import { wokenByEnd } from '../../../../core/window.ts';
import { prepareRows } from '../../file/database.ts';
import { factsText, type KeptDefinition, liveJobsSource, readFacts } from '../../file/rows/definition.ts';
import { jobColumns } from '../../file/rows/job.ts';
import type { State } from '../state.ts';
import { makeDefinitionsTable } from './table.ts';

export interface Owned {
  /**
   * A job was made (`before` null), has moved, or was removed (`after` null); its record tells so already. Retention removes
   * jobs without it.
   */
  follow(before: OwnedRecord | null, after: OwnedRecord | null): void;
  /** The record of a job that has ended is gone: how it ended is still counted. */
  forget(job: Pick<Job, 'owner' | 'state'>): void;
  /** What a walk over the jobs that are there tells. */
  walk(owner: string): OwnedFacts;
  /** @param definition the id of its row */
  read(definition: number): OwnedFacts;
  write(definition: number, facts: OwnedFacts): void;
}

export function makeOwned(state: State): Owned {
  const { db, clock, hints } = state;
  const table = makeDefinitionsTable(state);
  const read = prepareRows(db, 'SELECT facts FROM owned WHERE definition = ?');
  const write = db.prepare('INSERT OR REPLACE INTO owned (definition, facts) VALUES (?, ?)');
  const newestOf = makeNewest(state);
  const oneLive = prepareRows(db, `SELECT 1 FROM ${liveJobsSource} LIMIT 1`);

  /** Whether the end of a job of it was that of the last one, if that is of any use to it. */
  const isLast = ({ dueOnEnd }: KeptDefinition, owner: string): boolean => dueOnEnd && oneLive.get(owner) === undefined;

  const owned: Owned = {
    read(definition) {
      const facts = read.get(definition)?.[0];
      return readFacts(typeof facts === 'string' ? facts : null);
    },
    write: (definition, facts) => void write.run(definition, factsText(facts)),
    walk(owner) {
      const newest = newestOf(owner, 'newest');
      if (newest === null) return noFacts;
      return { ...mapFacets((facet) => (facet === 'newest' ? newest : newestOf(owner, facet))), gone: noEnds };
    },
    follow(before, after) {
      const owner = (after ?? before)?.owner ?? '';
      if (owner === '' || (isLive(before) && isLive(after))) return;
      const kept = table.findOwner(owner);
      if (kept === null) return;
      const known = owned.read(kept.id);
      const facts = mapFacets((facet) => factAfter(known[facet], facet, before, after, () => newestOf(owner, facet)));
      owned.write(kept.id, { ...facts, gone: known.gone });
      if (after === null && before !== null) owned.forget(before);
      if (!isEnd(before, after)) return;
      const end = { isNews: isNewsTo(known.newest, before, after), isLast: isLast(kept, owner) };
      const woken = wokenByEnd(kept, end, clock.now());
      if (woken === null) return;
      table.writeProgress({ ...kept, ...woken });
      hints.defined();
    },
    forget({ owner, state: end }) {
      const kept = owner === '' || !hasEnded(end) ? null : table.findOwner(owner);
      if (kept === null || !kept.dueOnEnd || !hasEnded(end)) return;
      const facts = owned.read(kept.id);
      owned.write(kept.id, { ...facts, gone: oneMoreGone(facts.gone, end) });
    },
  };
  return owned;
}

const live = "jobs INDEXED BY jobs_owned_live WHERE owner = ?1 AND owner <> '' AND ended_at IS NULL";
const ended = "jobs INDEXED BY jobs_owned_ended WHERE owner = ?1 AND owner <> '' AND state >= 4";
const endedIn = [4, 5, 6].map((state) => `${ended} AND state = ${state}`);

/** Where jobs of a facet stand: for each kind of them an index ends at the newest. */
const sources: Readonly<Record<Facet, readonly string[]>> = {
  newest: [live, ...endedIn].flatMap((source) => [`${source} AND manual = 0`, `${source} AND manual = 1`]),
  manual: [live, ...endedIn].map((source) => `${source} AND manual = 1`),
  succeeded: [0, 1].map((manual) => `${ended} AND state = 4 AND manual = ${manual}`),
  failed: [0, 1].map((manual) => `${ended} AND state = 5 AND manual = ${manual}`),
};

export const newestSql = (facet: Facet): string => {
  const ids = sources[facet].map((source) => `SELECT * FROM (SELECT id FROM ${source} ORDER BY id DESC LIMIT 1)`);
  return `SELECT ${jobColumns} FROM jobs WHERE id = (SELECT max(id) FROM (${ids.join(' UNION ALL ')}))`;
};

function makeNewest({ db, aside }: State): (owner: string, facet: Facet) => OwnedJob | null {
  const newest = mapFacets((facet) => prepareRows(db, newestSql(facet)));
  return (owner, facet) => {
    const row = newest[facet].get(owner);
    const job = row === undefined ? null : aside.read(row);
    return job === null ? null : factOf(job);
  };
}
