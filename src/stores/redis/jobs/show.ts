/** Jobs as scripts show them (show.lua). */
import { timeOfId } from '../../../core/id.ts';
import { type Job, type JobResult, noResult } from '../../../core/job.ts';
import { type ReadBody, readBody, separator } from '../format/body.ts';
import { idLength, plainId } from '../format/ids.ts';
import { type JobRecord, readRecord, resultMarks } from '../format/record.ts';
import type { ReplyReader } from '../format/reply-reader.ts';
import { readResult } from '../format/result.ts';

/** Which texts of a job lie on their own. */
interface LongTexts {
  readonly payload: boolean;
  readonly output: boolean;
}

export interface BriefJob {
  readonly job: Job;
  readonly long: LongTexts;
}

/** Jobs whose long texts stand behind them. */
export const readJobs = (reader: ReplyReader): Job[] => readShown(reader, reader, (job) => job);

/** Jobs without their long texts. */
export const readBriefJobs = (reader: ReplyReader): BriefJob[] => readShown(reader, null, (job, long) => ({ job, long }));

function readShown<T>(reader: ReplyReader, longTexts: ReplyReader | null, made: (job: Job, long: LongTexts) => T): T[] {
  const all: T[] = [];
  while (reader.more) {
    let record: JobRecord | null = null;
    for (const part of reader.text().split(separator)) {
      const end = part.indexOf('\n');
      // What stands with the first job is that of all.
      if (record === null || end > idLength) record = readRecord(part.slice(idLength + 1, end));
      const resultText = record.result === resultMarks.none ? null : reader.text();
      const body = readBody(part, end + 1, longTexts);
      const isLong = record.result === resultMarks.long;
      const result = resultText === null ? noResult : readResult(resultText, isLong ? longTexts : null);
      all.push(made(jobOf(part.slice(0, idLength), record, body, result), { payload: body.isLong, output: isLong }));
    }
  }
  return all;
}

function jobOf(padded: string, record: JobRecord, { head, payload }: ReadBody, result: JobResult): Job {
  const id = plainId(padded);
  return {
    id,
    state: record.state,
    domain: head.domain,
    queue: record.queue,
    worker: record.worker,
    name: head.name,
    comment: head.comment,
    manual: record.manual,
    priority: record.priority,
    payload,
    url: head.url,
    headers: head.headers,
    options: head.options,
    owner: record.owner,
    limit: head.limit,
    about: head.about,
    reason: record.reason,
    createdAt: head.createdAt ?? timeOfId(id),
    dueAt: record.dueAt,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    run: record.run,
    attempt: record.attempt,
    lost: record.lost,
    fence: record.fence,
    holder: record.holder,
    result,
  };
}
