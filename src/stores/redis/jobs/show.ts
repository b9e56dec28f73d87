/** Jobs as scripts show them (show.lua). */

import { messageOf } from '../../../core/errors.ts';
import { isJobId, timeOfId } from '../../../core/id.ts';
import { type Job, noResult } from '../../../core/job.ts';
import type { Found } from '../../set-aside.ts';
import { hasLongPayload, readBody, separator } from '../format/body.ts';
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
export const readJobs = (reader: ReplyReader, found: Found): Job[] => readShown(reader, true, found).map(({ job }) => job);

/** Jobs without their long texts. */
export const readBriefJobs = (reader: ReplyReader, found: Found): BriefJob[] => readShown(reader, false, found);

/** @param withLong long texts stand behind their jobs */
function readShown(reader: ReplyReader, withLong: boolean, found: Found): BriefJob[] {
  const all: BriefJob[] = [];
  while (reader.more) {
    let text: string | null = null;
    let record: JobRecord | null = null;
    for (const part of reader.text().split(separator)) {
      const end = part.indexOf('\n');
      // What stands with the first job is that of all that have none, and is read once.
      if (text === null || end > idLength) {
        text = part.slice(idLength + 1, end);
        record = null;
      }
      const texts = takeTexts(reader, text, part, end + 1, withLong);
      try {
        record ??= readRecord(text);
        all.push(jobOf(part, end + 1, record, texts));
      } catch (error) {
        found({ id: plainId(part.slice(0, idLength)), reason: messageOf(error) });
      }
    }
  }
  return all;
}

interface Texts {
  readonly result: string | null;
  readonly payload: string | null;
  readonly output: string | null;
}

/** What stands behind a job (show.lua `showMore`), whatever its record and its body are. */
function takeTexts(reader: ReplyReader, record: string, part: string, body: number, withLong: boolean): Texts {
  const mark = record[markAt];
  const result = mark === resultMarks.none ? null : (reader.textOrNull() ?? lostResult);
  const payload = withLong && hasLongPayload(part, body) ? (reader.textOrNull() ?? '') : null;
  const output = withLong && mark === resultMarks.long ? (reader.textOrNull() ?? '') : null;
  return { result, payload, output };
}

/** In the place of a result that somebody took away: the job is sound. */
const lostResult = '[null,0,"Its result is not in Redis any more."]\n';

/** Where a record says whether there is a result. */
const markAt = 2;

/** Throws for what makes no job. */
function jobOf(part: string, bodyAt: number, record: JobRecord, texts: Texts): BriefJob {
  const id = plainId(part.slice(0, idLength));
  if (!isJobId(id)) throw new Error(`${JSON.stringify(id)} is no id`);
  const { head, payload, isLong } = readBody(part, bodyAt, texts.payload);
  const result = texts.result === null ? noResult : readResult(texts.result, texts.output);
  const job: Job = {
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
  return { job, long: { payload: isLong, output: record.result === resultMarks.long } };
}
