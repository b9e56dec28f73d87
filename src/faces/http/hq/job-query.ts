/** GET /job: what its query asks for. */
import type { Filter } from '../../../core/filter.ts';
import { isJobId, type JobId } from '../../../core/id.ts';
import type { JobQuery } from '../../../engine/api/jobs.ts';
import { httpWorker } from './new-job.ts';
import { parseBool, parseWhole, type Values } from './query.ts';
import { statesOf, statusWords } from './status.ts';

export interface ListQuery {
  readonly order: JobQuery['order'];
  readonly filter: Filter;
  readonly match: JobQuery['match'];
  readonly from: JobId | null;
  /** Matching jobs in the whole answer; Infinity: all. */
  readonly limit: number;
}

/** `null`: nothing can match. */
export function listQuery(values: Values, defaultLimit: number): ListQuery | null {
  const order = parseBool(values.get('reverse') ?? '') ? 'newest' : 'oldest';
  const limit = limitOf(Number(parseWhole(values.get('limit') ?? '', 'ParseInt')), defaultLimit);
  const begin = values.get('begin') ?? '';
  const from = begin === '' ? null : parseWhole(begin, 'ParseUint').toString();
  const filter = filterOf(values.get('status') ?? '');
  if (filter === null) return null;
  const name = values.get('name') || null;
  const term = values.get('term') || null;
  const match = name === null && term === null ? null : { name, term, stateWords: statusWords };
  if (from === null || isJobId(from)) return { order, filter, match, from, limit };
  // Greater than any id: all jobs come before it in one order, and none in the other.
  return order === 'newest' ? { order, filter, match, from: null, limit } : null;
}

/** 0 means the default limit. A default of 0 means all jobs, as does a negative limit. */
function limitOf(asked: number, defaultLimit: number): number {
  const limit = asked === 0 ? defaultLimit : asked;
  return limit > 0 ? limit : Number.POSITIVE_INFINITY;
}

/** Only HTTP jobs; `null` when no job can have this status. */
function filterOf(status: string): Filter | null {
  const http: Filter = [{ field: 'worker', not: false, any: [{ text: httpWorker, prefix: false }] }];
  if (status === '') return http;
  const states = statesOf(status);
  return states.length === 0 ? null : [...http, { field: 'state', not: false, any: states }];
}
