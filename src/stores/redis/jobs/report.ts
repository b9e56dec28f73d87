/** A report, as report.lua takes and answers it, and the log that it leaves (lines.lua). */
import { sizeOfLine } from '../../../core/report.ts';
import type { LogPage, Report, Reported } from '../../../ports/store/jobs.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { lineText, readLine, readLog } from '../format/log.ts';
import { writeNewJobs } from '../format/new-job.ts';
import { asList } from '../format/reply-reader.ts';
import { numberWord } from '../format/words.ts';
import { readPushed } from '../frame/pushed.ts';

/** Whether anything is to be kept besides a deadline. */
export const hasMore = ({ progress, lines, push }: Report): boolean => progress !== null || lines.length > 0 || push.length > 0;

export function writeReport(args: Argument[], { ttl, progress, lines, push }: Report): string {
  if (progress !== null) args.push(progress);
  for (const line of lines) args.push(String(line.number), String(sizeOfLine(line)), String(line.ago), lineText(line));
  if (push.length > 0) writeNewJobs(args, push);
  return `${numberWord(ttl)} ${progress === null ? 0 : 1} ${lines.length} ${push.length === 0 ? 0 : 1}`;
}

export function readReported(reply: Reply): Reported {
  if (reply === 'lost') return { kind: 'lost' };
  const reader = asList(reply);
  const kind = reader.text() === 'stopping' ? 'stopping' : 'reported';
  return { kind, pushed: readPushed(reader.text()), known: Number(reader.text()) };
}

export const noLog: LogPage = { lines: [], more: false, dropped: 0, progress: null };

export function readLogPage(reply: Reply): LogPage {
  const reader = asList(reply);
  const more = reader.number() === 1;
  return { more, ...readLog(reader.text()), lines: reader.rest((each) => readLine(each.text())) };
}
