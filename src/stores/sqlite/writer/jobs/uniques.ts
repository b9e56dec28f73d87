/** Which unique job there is of each scope. It goes with its job (file/schema.ts). */
import type { Job } from '../../../../core/job.ts';
import { isLasting, type Unique, uniqueKey } from '../../../../core/unique.ts';
import type { KeptJob } from '../../../../ports/store/jobs.ts';
import { stateIn } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import type { State } from '../state.ts';

/** The job that there is already. */
export type Duplicate = KeptJob & { readonly kind: 'duplicate' };

/** Of a job what says among which it is unique. */
interface Scoped {
  readonly domain: string;
  readonly worker: string;
  readonly unique: Unique | null;
}

export interface Uniques {
  /** `null`: there is none, or there may be several. */
  duplicateOf(job: Scoped): Duplicate | null;
  /** The job was pushed: it is the one of its scope, of which there is no other. */
  keep(job: Scoped & Pick<Job, 'id'>): void;
  /** The job came in, and was pushed elsewhere: it is the one of its scope as long as it lasts, unless there is one. */
  comeIn(job: Scoped & Pick<Job, 'id' | 'createdAt' | 'state' | 'attempt'>): void;
}

const lastingSql = `
  SELECT CAST(job_id AS TEXT), until, since, state, attempt, created_at FROM uniques JOIN jobs ON jobs.id = job_id
  WHERE uniques.domain = ? AND scope = ?`;

export function makeUniques({ db, clock }: Pick<State, 'db' | 'clock'>): Uniques {
  const find = prepareRows(db, lastingSql);
  const put = db.prepare('INSERT OR REPLACE INTO uniques (domain, scope, job_id, until, since) VALUES (?, ?, ?, ?, ?)');

  const duplicateOf = ({ domain, worker, unique }: Scoped): Duplicate | null => {
    const row = unique === null ? undefined : find.get(domain, uniqueKey(unique, worker));
    if (row === undefined) return null;
    const [id, until, since, code, attempt, createdAt] = row;
    const state = stateIn(Number(code));
    if (state === null || !isLasting({ until: untilOf(until), since: Number(since) }, { state, attempt: Number(attempt) }, clock.steady()))
      return null;
    return { kind: 'duplicate', id: String(id), createdAt: Number(createdAt) };
  };

  const keep = ({ domain, worker, unique, id }: Scoped & Pick<Job, 'id'>, since: number): void => {
    if (unique !== null) put.run(domain, uniqueKey(unique, worker), id, unique.until, since);
  };

  return {
    duplicateOf,
    keep: (job) => keep(job, clock.steady()),
    comeIn(job) {
      const since = clock.steady() - (clock.now() - job.createdAt);
      if (job.unique === null || !isLasting({ until: job.unique.until, since }, job, clock.steady())) return;
      if (duplicateOf(job) === null) keep(job, since);
    },
  };
}

const untilOf = (cell: unknown): Unique['until'] => (cell === 'started' || cell === 'ended' ? cell : Number(cell));
