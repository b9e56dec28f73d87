/** The jobs of the store's port: arguments become words, replies become answers. Each verb's Lua lies beside, by its name. */
import { leftOf } from '../../../core/after.ts';
import { isJobId, type JobId } from '../../../core/id.ts';
import type { AttemptRef, JobState } from '../../../core/job.ts';
import type { Moves } from '../../../core/transitions.ts';
import type { AttemptPage, Changed, JobCount, JobStore } from '../../../ports/store/jobs.ts';
import { pageLength } from '../../attempts.ts';
import type { Searcher } from '../../searcher.ts';
import type { Found } from '../../set-aside.ts';
import { sizeOfCopies, sizeOfMoves, sizeOfNewJobs, sizeOfReport } from '../../size.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { readCounts } from '../format/counts.ts';
import { paddedId } from '../format/ids.ts';
import { writeMoves } from '../format/moves.ts';
import { asList, asNumber, type ReplyReader } from '../format/reply-reader.ts';
import { readAttempt } from '../format/result.ts';
import { stateDigit, stateOf } from '../format/states.ts';
import { noWord, textOf } from '../format/words.ts';
import type { Calls, StepOptions, Target } from '../frame/calls.ts';
import { readPushed } from '../frame/pushed.ts';
import type { Extra } from '../frame/scripts.ts';
import { readClaim, writeClaim } from './claim.ts';
import { makeList } from './list.ts';
import { extrasOf, isPlain, writePush } from './push.ts';
import { hasMore, noLog, readLogPage, readReported, writeReport } from './report.ts';
import { writeCopy } from './restore.ts';
import { readJobs } from './show.ts';

/** What the answers of jobs tell besides. */
export interface JobNews {
  /** The newest id of each push that is acknowledged. */
  pushed(id: JobId): void;
  /** A record that cannot be read, and is in no answer. */
  readonly unreadable: Found;
}

export function makeJobPort(calls: Calls, searcher: Searcher, { pushed, unreadable }: JobNews): JobStore {
  return {
    ...makeLife(calls, pushed, unreadable),
    ...makeOrders(calls, unreadable),
    ...makeLooks(calls, unreadable),
    ...makeList(calls, searcher, unreadable),
  };
}

/** What moves a job through its life. */
export function makeLife(
  calls: Calls,
  onPushed: (id: JobId) => void,
  found: Found,
): Pick<JobStore, 'push' | 'claim' | 'settle' | 'report' | 'restore' | 'promote'> {
  const readAcknowledged: typeof readPushed = (reply) => {
    const pushed = readPushed(reply);
    const last = pushed.at(-1);
    if (last?.kind === 'pushed') onPushed(last.id);
    return pushed;
  };

  return {
    push(jobs) {
      const also = extrasOf(jobs);
      const options = { size: sizeOfNewJobs(jobs), usual: also.length === 0 && isPlain(jobs), also };
      return calls.step('jobs.push', options, (args) => writePush(args, jobs), readAcknowledged);
    },
    claim: (request) =>
      calls.step(
        'jobs.claim',
        { usual: true, also: expiring },
        (args) => writeClaim(args, request),
        (reply) => readClaim(reply, found),
      ),
    settle(ref, moves) {
      if (!isRef(ref)) return Promise.resolve('lost');
      const [ends, retries] = [isEnd(moves), moves.running?.kind === 'retry'];
      const options: StepOptions = {
        target: targetOf(ref),
        size: sizeOfMoves(moves),
        usual: ends || retries,
        also: ends ? nothingElse : otherMoves,
        failpoint: retries ? 'retry' : 'settle',
      };
      return calls.step('jobs.settle', options, (args) => writeMoves(args, moves), readSettled);
    },
    report(ref, what) {
      if (!isRef(ref)) return Promise.resolve({ kind: 'lost' });
      const pushes = what.push.length > 0;
      const options: StepOptions = {
        target: targetOf(ref),
        size: sizeOfReport(what),
        also: pushes ? ['pushes', ...extrasOf(what.push)] : nothingElse,
        needsRoom: hasMore(what),
      };
      return calls.step('jobs.report', options, (args) => writeReport(args, what), readReported);
    },
    restore(copies) {
      const write = (args: Argument[]): string => {
        for (const copy of copies) writeCopy(args, copy);
        return String(copies.length);
      };
      const also = copies.some(({ job }) => leftOf(job) !== null) ? waiting : nothingElse;
      return calls.step('jobs.restore', { size: sizeOfCopies(copies), also }, write, (reply) =>
        asList(reply).rest((each) => (each.number() === 1 ? 'restored' : 'exists')),
      );
    },
    promote: (limit) => calls.step('jobs.promote', { also: expiring }, () => String(limit), asNumber),
  };
}

/** What an operator asks for. */
export function makeOrders(calls: Calls, found: Found): Pick<JobStore, 'change' | 'remove' | 'purge'> {
  return {
    async change(id, moves) {
      if (!isJobId(id)) return { kind: 'missing' };
      const options = { target: anyAttemptOf(id), size: sizeOfMoves(moves) };
      return calls.step(
        'jobs.change',
        options,
        (args) => writeMoves(args, moves),
        (reply) => readChanged(reply, found),
      );
    },
    async remove(id, from) {
      if (!isJobId(id)) return { kind: 'missing' };
      return calls.step(
        'jobs.remove',
        { target: anyAttemptOf(id) },
        () => from.map(stateDigit).join(''),
        (reply) => readChanged(reply, found),
      );
    },
    purge(ids, endedBefore) {
      const asked = [...new Set(ids.filter(isJobId).map(paddedId))];
      const write = (args: Argument[]): string => {
        args.push(String(asked.length), ...asked);
        return String(endedBefore);
      };
      return calls.step('jobs.purge', { size: 32 * asked.length }, write, (reply) => ({ count: asNumber(reply), rest: 0 }));
    },
  };
}

function makeLooks(calls: Calls, found: Found): Pick<JobStore, 'get' | 'attempts' | 'lines' | 'count'> {
  return {
    async get(id) {
      if (!isJobId(id)) return null;
      return calls.look('jobs.get', [paddedId(id)], (reply) => readJobs(asList(reply), found)[0] ?? null);
    },
    async attempts(id, { before, limit, output }) {
      if (!isJobId(id)) return { attempts: [], more: false };
      const args = [paddedId(id), before ?? noWord, String(limit), String(output), String(pageLength)];
      return calls.look('jobs.attempts', args, readAttempts);
    },
    async lines(id, after, limit) {
      if (!isJobId(id)) return noLog;
      const place = [after?.fence ?? noWord, String(after?.number ?? 0)];
      return calls.look('jobs.lines', [paddedId(id), ...place, String(limit)], readLogPage);
    },
    count: () => calls.look('jobs.count', [], (reply) => asList(reply).rest(readCount)),
  };
}

const nothingElse: readonly Extra[] = [];
const otherMoves: readonly Extra[] = ['moves'];
const expiring: readonly Extra[] = ['expiries'];
const waiting: readonly Extra[] = ['limits'];

const targetOf = ({ id, fence }: AttemptRef): Target => ({ id: paddedId(id), fence });
const anyAttemptOf = (id: JobId): Target => ({ id: paddedId(id), fence: '' });
const digits = /^\d{1,19}$/;
const isRef = ({ id, fence }: AttemptRef): boolean => digits.test(id) && digits.test(fence);

/** Whether the attempt ends the job, in whatever state that is found. */
function isEnd(moves: Moves): boolean {
  for (const state in moves) if (moves[state as JobState]?.kind !== 'end') return false;
  return true;
}

const readSettled = (reply: Reply): 'settled' | 'lost' => (reply === 1 ? 'settled' : 'lost');

const closedQueue = 'closed ';

function readChanged(reply: Reply, found: Found): Changed {
  if (reply === 'missing') return { kind: 'missing' };
  if (typeof reply === 'string' && reply.startsWith(closedQueue)) return { kind: 'closed', queue: textOf(reply.slice(closedQueue.length)) };
  if (typeof reply === 'string') return { kind: 'refused', state: stateOf(reply) };
  const [job] = readJobs(asList(reply), found);
  // It cannot be read: it is none any more.
  if (job === undefined) return { kind: 'missing' };
  return { kind: 'changed', job };
}

function readAttempts(reply: Reply): AttemptPage {
  const reader = asList(reply);
  const more = reader.number() === 1;
  return { more, attempts: reader.rest((each) => readAttempt(each.text())) };
}

function readCount(reader: ReplyReader): JobCount {
  const [worker = '', queue = ''] = reader.text().split('/');
  return { worker: textOf(worker), queue: textOf(queue), counts: readCounts(reader.text()) };
}
