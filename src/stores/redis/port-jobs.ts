/** The jobs of the store's port: arguments become words, replies become answers. */
import { isJobId, type JobId, timeOfId } from '../../core/id.ts';
import type { Attempt, AttemptRef, NewJob } from '../../core/job.ts';
import type { Changed, Claim, ClaimRequest, JobCount, JobStore, Pushed, Want } from '../../ports/store/jobs.ts';
import { asList, asNumber, asText, type Calls, ranks, type Target } from './calls.ts';
import type { Argument, Reply } from './driver/driver.ts';
import { readJobs, stateDigit, stateOf } from './record.ts';
import { readAttempt } from './result.ts';
import type { Shown } from './shown.ts';
import {
  isEnd,
  isPlain,
  readCounts,
  readWait,
  sizeOfMoves,
  sizeOfNewJob,
  writeMoves,
  writeNewJobs,
  writePush,
  writePushMany,
} from './wire.ts';
import { noWord, paddedId, plainId, textOf, wordOf } from './words.ts';

/**
 * The calls of a job's life.
 *
 * @param onPushed hears the newest id of each push that is acknowledged
 */
export function makeLife(
  calls: Calls,
  onPushed: (id: JobId) => void,
): Pick<JobStore, 'push' | 'claim' | 'settle' | 'extend' | 'change' | 'remove' | 'promote'> {
  function readAcknowledged(reply: Reply): readonly Pushed[] {
    const pushed = readPushed(reply);
    const last = pushed.at(-1);
    if (last?.kind === 'pushed') onPushed(last.id);
    return pushed;
  }

  return {
    push(jobs) {
      const name = isPlain(jobs) ? 'push' : 'pushMany';
      const options = { name, rank: ranks.adds, size: sizeOf(jobs), adds: true };
      return calls.step(options, (args) => (name === 'push' ? writePush(args, jobs) : writePushMany(args, jobs)), readAcknowledged);
    },
    claim: (request) => calls.step({ name: 'claim', rank: ranks.takes }, (args) => writeClaim(args, request), readClaim),
    settle(ref, moves, effects) {
      if (!isRef(ref)) return Promise.resolve('lost');
      const pushes = effects?.push ?? [];
      const name = pushes.length > 0 ? 'settleAndPush' : isEnd(moves) ? 'finish' : 'settle';
      const write = (args: Argument[]): void => {
        writeMoves(args, name, moves);
        if (pushes.length > 0) writeNewJobs(args, pushes);
      };
      const options = { name, target: targetOf(ref), size: sizeOfMoves(moves) + sizeOf(pushes) };
      return calls.step(options, write, readSettled);
    },
    async extend(ref, ttl) {
      if (!isRef(ref)) return 'lost';
      const write = (args: Argument[]): void => void args.push('extend', String(ttl));
      return calls.step({ name: 'extend', target: targetOf(ref) }, write, readExtended);
    },
    async change(id, moves) {
      if (!isJobId(id)) return { kind: 'missing' };
      const options = { name: 'change', target: { id: paddedId(id), fence: '' }, size: sizeOfMoves(moves) };
      return calls.step(options, (args) => writeMoves(args, 'change', moves), readChanged);
    },
    async remove(id, from) {
      if (!isJobId(id)) return { kind: 'missing' };
      const write = (args: Argument[]): void => void args.push(`remove ${from.map(stateDigit).join('')}`);
      return calls.step({ name: 'remove', target: { id: paddedId(id), fence: '' } }, write, readChanged);
    },
    promote: (limit) => calls.step({ name: 'promote' }, (args) => args.push('promote', String(limit)), asNumber),
  };
}

export function makeLooks(calls: Calls): Pick<JobStore, 'get' | 'attempts' | 'count'> {
  return {
    async get(id) {
      if (!isJobId(id)) return null;
      return calls.look(['get', paddedId(id)], (reply) => readJobs(asList(reply))[0] ?? null);
    },
    async attempts(id, limit) {
      if (!isJobId(id)) return [];
      const oldestFirst = (reply: Reply): Attempt[] => asList(reply).rest((shown) => readAttempt(shown.text()));
      return calls.look(['attempts', paddedId(id), String(limit)], (reply) => oldestFirst(reply).reverse());
    },
    count: () => calls.look(['count'], (reply) => asList(reply).rest(readCount)),
  };
}

const targetOf = ({ id, fence }: AttemptRef): Target => ({ id: paddedId(id), fence });
const digits = /^\d{1,19}$/;
const isRef = ({ id, fence }: AttemptRef): boolean => digits.test(id) && digits.test(fence);
const readSettled = (reply: Reply): 'settled' | 'lost' => (reply === 1 ? 'settled' : 'lost');
const sizeOf = (jobs: readonly NewJob[]): number => jobs.reduce((sum, job) => sum + sizeOfNewJob(job), 0);

/** The letters of lua/push.lua. */
const pushKinds: Readonly<Record<string, Pushed['kind']>> = { r: 'replayed', c: 'conflict' };

function readPushed(reply: Reply): readonly Pushed[] {
  const words = asText(reply);
  if (words === '') return [];
  return words.split(' ').map((word) => {
    const kind = pushKinds[word[0] ?? ''];
    const id: JobId = plainId(kind === undefined ? word : word.slice(1));
    return { kind: kind ?? 'pushed', id, createdAt: timeOfId(id) };
  });
}

function writeClaim(args: Argument[], { operation, holder, attemptTtl, wants: ask }: ClaimRequest): void {
  const wants = ask();
  args.push('claim', wordOf(operation), wordOf(holder), attemptTtl === null ? noWord : String(attemptTtl), String(wants.length));
  for (const want of wants) writeWant(args, want);
}

function writeWant(args: Argument[], { worker, slots, queues }: Want): void {
  args.push(wordOf(worker), String(slots));
  if (queues === 'any') args.push('-1');
  else args.push(String(queues.length), ...queues.map(wordOf));
}

function readClaim(reply: Reply): Claim {
  const shown = asList(reply);
  const nextIn = readWait(shown.text());
  return { jobs: readJobs(shown), nextIn };
}

function readExtended(reply: Reply): 'extended' | 'stopping' | 'lost' {
  return reply === 'extended' || reply === 'stopping' ? reply : 'lost';
}

function readChanged(reply: Reply): Changed {
  if (reply === 'missing') return { kind: 'missing' };
  if (typeof reply === 'string') return { kind: 'refused', state: stateOf(reply) };
  const [job] = readJobs(asList(reply));
  if (job === undefined) throw new Error('a job was expected');
  return { kind: 'changed', job };
}

function readCount(shown: Shown): JobCount {
  const [worker = '', queue = ''] = shown.text().split('/');
  return { worker: textOf(worker), queue: textOf(queue), counts: readCounts(shown.text()) };
}
