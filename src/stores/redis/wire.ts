/** Arguments of calls as scripts take them (lua/push.lua, lua/moves.lua, lua/queues.lua), and what they answer. */
import type { JobState, NewJob } from '../../core/job.ts';
import type { QueueSettings, StateCounts } from '../../core/queue.ts';
import type { Move, Moves } from '../../core/transitions.ts';
import { bodyOf, isInside } from './body.ts';
import type { Argument } from './driver/driver.ts';
import { laneOf, stateDigit } from './record.ts';
import { keptResult } from './result.ts';
import { noWord, numberOf, wordOf } from './words.ts';

/** What a record keeps of a job for good: its lane, its priority and what to do when its holder is lost. */
const fixedWords = ({ worker, queue, manual, priority, options }: NewJob): string =>
  `${laneOf(wordOf(worker), wordOf(queue), manual)} ${priority} ${options.onLost === 'fail' ? 'f' : 'r'}`;

/** What many jobs share, as lua/push.lua reads it. */
function specOf(job: NewJob): string {
  const { start } = job;
  const when = start === null ? 'now 0' : 'at' in start ? `at ${start.at}` : `delay ${start.delay}`;
  return `${when} ${fixedWords(job)}`;
}

/** One job that is nothing special (lua/push.lua). */
export const isPlain = ([job, ...others]: readonly NewJob[]): boolean =>
  job !== undefined && others.length === 0 && job.idempotency === null && isInside(job.payload ?? '');

export function writePush(args: Argument[], [job]: readonly NewJob[]): void {
  if (job !== undefined) args.push(`push ${specOf(job)}`, bodyOf(job).text);
}

/** Any jobs (lua/push-many.lua). */
export function writePushMany(args: Argument[], jobs: readonly NewJob[]): void {
  args.push('pushMany');
  writeNewJobs(args, jobs);
}

export function writeNewJobs(args: Argument[], jobs: readonly NewJob[]): void {
  args.push(String(jobs.length));
  for (const job of jobs) writeNewJob(args, job);
}

function writeNewJob(args: Argument[], job: NewJob): void {
  const { text, payload } = bodyOf(job);
  const { idempotency } = job;
  args.push(`${payload === null ? '' : 'p'}${idempotency === null ? '' : 'k'}`, specOf(job), text);
  if (payload !== null) args.push(payload);
  // Keys of different domains have nothing to do with one another.
  if (idempotency !== null) args.push(JSON.stringify([job.domain, idempotency.key]), idempotency.digest);
}

/** About how many bytes the job takes on the way. */
export const sizeOfNewJob = (job: NewJob): number => 300 + (job.payload?.length ?? 0) + job.comment.length;

/** Whether the attempt ends the job, in whatever state that is found, or does nothing. */
export function isEnd(moves: Moves): boolean {
  for (const state in moves) if (moves[state as JobState]?.kind !== 'end') return false;
  return true;
}

/** A call about these moves, if it has a name; else the moves alone. What results they bring follows. */
export function writeMoves(args: Argument[], name: string, moves: Moves): void {
  const at = args.push('') - 1;
  let text = '';
  for (const { move, digits } of byMove(moves)) {
    const result = keptResult('result' in move ? move.result : null);
    text += `${text === '' ? '' : ';'}${digits} ${moveWords(move)} ${result.kind}`;
    for (const each of result.texts) args.push(each);
  }
  args[at] = name === '' ? text : `${name} ${text}`;
}

/** States that follow one another with the same move share it. */
function byMove(moves: Moves): readonly { readonly move: Move; digits: string }[] {
  const found: { readonly move: Move; digits: string }[] = [];
  for (const state in moves) {
    const move = moves[state as JobState];
    if (move === undefined) continue;
    const digit = stateDigit(state as JobState);
    const last = found.at(-1);
    if (last?.move === move) last.digits += digit;
    else found.push({ move, digits: digit });
  }
  return found;
}

function moveWords(move: Move): string {
  switch (move.kind) {
    case 'end':
      return `end ${move.verb} ${stateDigit(move.to)} ${wordOf(move.reason)}`;
    case 'retry':
      return `retry retry ${move.delay} ${noWord}`;
    case 'release':
      return `release ${move.verb} ${move.lost ? 'lost' : 'kept'} ${noWord}`;
    case 'stop':
      return `stop cancel ${stateDigit('stopping')} ${noWord}`;
    case 'restart':
      return `restart restart ${stateDigit('queued')} ${noWord}`;
  }
}

export function sizeOfMoves(moves: Moves): number {
  const move = moves.running;
  return 200 + (move !== undefined && 'result' in move && move.result !== null ? move.result.output.length : 0);
}

const nothingSet = 'none';
const settingWord = (value: number | null | undefined): string =>
  value === undefined ? 'same' : value === null ? nothingSet : String(value);

/** `paused concurrency max per`; what is not named stays. */
export function writeSettings(args: Argument[], { paused, concurrency, rate }: Partial<QueueSettings>): void {
  args.push(paused === undefined ? 'same' : paused ? '1' : '0', settingWord(concurrency));
  args.push(settingWord(rate === null ? null : rate?.max), settingWord(rate === null ? null : rate?.per));
}

const settingOf = (word: string): number | null => (word === nothingSet ? null : Number(word));

export function readSettings(text: string): QueueSettings {
  const [paused, concurrency = nothingSet, maxWord = nothingSet, perWord = nothingSet] = text.split(' ');
  const [max, per] = [settingOf(maxWord), settingOf(perWord)];
  return { paused: paused === '1', concurrency: settingOf(concurrency), rate: max === null || per === null ? null : { max, per } };
}

/** One number for each state, in their order. */
export function readCounts(text: string): StateCounts {
  const [scheduled = 0, queued = 0, running = 0, stopping = 0, succeeded = 0, failed = 0, canceled = 0] = text.split(' ').map(Number);
  return { scheduled, queued, running, stopping, succeeded, failed, canceled };
}

export const readWait = (word: string): number | null => (word === '' ? null : numberOf(word));
