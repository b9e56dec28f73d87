/** What is told of attempts on its way to the writer, and what is kept of it on its way back. */
import { type LogLevel, type LogPlace, logLevels, type NewLine } from '../../../core/report.ts';
import type { LogPage } from '../../../ports/store/jobs.ts';
import { readLine, readShownLog } from '../file/rows/log.ts';
import { type Row, writeRow } from '../file/tape.ts';
import { type Codec, fields, flag, list, number, numberOrNull, text, textOrNull, variants, word } from './codec.ts';
import { newJob, pushed } from './new-job.ts';

const level: Codec<LogLevel> = word(logLevels);
const line: Codec<NewLine> = fields({ number, ago: number, level, text, fields: textOrNull });

export const report = fields({ ttl: numberOrNull, progress: textOrNull, lines: list(line), push: list(newJob) });

const kept = { pushed: list(pushed), known: number };
export const reported = variants({ reported: kept, stopping: kept, lost: {} });

export const logPlace: Codec<LogPlace> = fields({ fence: text, number });

export interface PageRows {
  readonly log: Row;
  readonly lines: readonly Row[];
  readonly more: boolean;
}

export const logPage: Codec<PageRows, LogPage> = {
  write(cells, { log, lines, more }) {
    writeRow(cells, log);
    flag.write(cells, more);
    cells.push(lines.length);
    for (const row of lines) writeRow(cells, row);
  },
  read(tape) {
    const shown = readShownLog(tape);
    const more = tape.flag();
    return { ...shown, more, lines: tape.list(() => readLine(tape)) };
  },
};
