/** A job as it was elsewhere, as restore.lua takes it. */
import { startBeforeOf } from '../../../core/expiry.ts';
import { idEpoch, timeOfId } from '../../../core/id.ts';
import { jobLimits } from '../../../core/new-job.ts';
import type { JobCopy } from '../../../core/transfer.ts';
import type { Argument } from '../driver/driver.ts';
import { bodyOf, createdBeside } from '../format/body.ts';
import { paddedId } from '../format/ids.ts';
import { afterText, uniqueText } from '../format/new-job.ts';
import { recordText, resultMarks } from '../format/record.ts';
import { attemptText, keptResult } from '../format/result.ts';
import { noWord, numberWord } from '../format/words.ts';

export function writeCopy(args: Argument[], { job, attempts }: JobCopy): void {
  const body = bodyOf(job, createdBeside(job));
  const result = keptResult(job.result);
  const [text = noWord, output = noWord] = result.texts;
  const record = recordText(job, resultMarks[result.kind]);
  args.push(paddedId(job.id), String(timeOfId(job.id) - idEpoch), record, body.text, body.payload ?? noWord, text, output);
  const kept = attempts.slice(-jobLimits.history);
  args.push(
    String(kept.length),
    ...kept.map(attemptText),
    uniqueText(job) ?? noWord,
    String(job.createdAt),
    numberWord(startBeforeOf(job)),
    afterText(job) ?? noWord,
  );
}
