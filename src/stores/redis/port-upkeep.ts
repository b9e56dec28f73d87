/** The upkeep of the store's port: comparing what is known twice, and jobs that come from elsewhere. */
import { idEpoch, timeOfId } from '../../core/id.ts';
import type { Attempt, Job } from '../../core/job.ts';
import type { JobCopy } from '../../core/transfer.ts';
import type { Scrubbed, Swept, UpkeepStore } from '../../ports/store/upkeep.ts';
import { bodyOf, createdBeside } from './body.ts';
import { asList, asText, type Calls, ranks } from './calls.ts';
import type { Argument, Reply } from './driver/driver.ts';
import { writeLoseMoves } from './port-nodes.ts';
import { laneOf, stateDigit } from './record.ts';
import { keptResult } from './result.ts';
import { sizeOfNewJob } from './wire.ts';
import { noWord, paddedId, wordOf } from './words.ts';

export function makeUpkeepPort(calls: Calls): UpkeepStore {
  return {
    sweep({ ended, journal, idempotency, limit }) {
      const write = (args: Argument[]): void => {
        args.push('sweep', ended === null ? noWord : String(ended), String(journal), String(idempotency), String(limit));
      };
      return calls.step({ name: 'sweep' }, write, readSwept);
    },
    scrub(cursor, limit) {
      const write = (args: Argument[]): void => {
        args.push('scrub', cursor ?? '', String(limit));
        writeLoseMoves(args);
      };
      return calls.step({ name: 'scrub' }, write, readScrubbed);
    },
    restore(copies) {
      const size = copies.reduce((sum, { job, attempts }) => sum + 300 * attempts.length + sizeOfCopy(job), 0);
      const write = (args: Argument[]): void => {
        args.push('restore', String(copies.length));
        for (const copy of copies) writeCopy(args, copy);
      };
      return calls.step({ name: 'restore', rank: ranks.adds, size, adds: true }, write, (reply) =>
        asList(reply).rest((shown) => (shown.number() === 1 ? 'restored' : 'exists')),
      );
    },
  };
}

const sizeOfCopy = (job: Job): number => job.result.output.length + sizeOfNewJob({ ...job, start: null, idempotency: null });

/** As lua/restore.lua takes it. */
function writeCopy(args: Argument[], { job, attempts }: JobCopy): void {
  const body = bodyOf(job, createdBeside(job));
  const result = keptResult(job.result);
  const [text = noWord, output = noWord] = result.texts;
  const record = recordText(job, { none: '0', one: '1', long: '2', keep: '0' }[result.kind]);
  args.push(paddedId(job.id), String(timeOfId(job.id) - idEpoch), record, body.text, body.payload ?? noWord, text, output);
  args.push(String(attempts.length), ...attempts.map(attemptText));
}

const wordOrNone = (value: number | null): string => (value === null ? noWord : String(value));

/** The words of lua/record.lua. Nobody holds the job. */
function recordText(job: Job, result: string): string {
  const words = [
    ...[stateDigit(job.state), result, job.fence, wordOrNone(job.endedAt), wordOf(job.reason), wordOrNone(job.startedAt)],
    ...[wordOf(job.holder), noWord, noWord, job.attempt, laneOf(wordOf(job.worker), wordOf(job.queue), job.manual)],
    ...[job.priority, job.options.onLost === 'fail' ? 'f' : 'r', job.dueAt, job.run, job.lost],
  ];
  return words.join(' ');
}

/** The text of lua/moves.lua `archive`. */
function attemptText({ run, attempt, fence, holder, startedAt, endedAt, end, result }: Attempt): string {
  const words = [run, attempt, fence, wordOf(holder), startedAt, wordOrNone(endedAt), end];
  return `${words.join(' ')}\n${keptResult(result).texts.join('')}`;
}

function readScrubbed(reply: Reply): Scrubbed {
  const shown = asList(reply);
  const next = asText(shown.text());
  const checked = shown.number();
  const repaired: Record<string, number> = {};
  while (shown.more) repaired[shown.text()] = shown.number();
  return { next: next === '' ? null : next, checked, repaired };
}

function readSwept(reply: Reply): Swept {
  const shown = asList(reply);
  return { jobs: shown.number(), entries: shown.number(), keys: shown.number(), more: shown.number() === 1 };
}
