/** One line of an export: written, and read again. */
import { isFailureCause } from '../../../core/cause.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { Job, JobResult } from '../../../core/job.ts';
import { hiddenHeader, isHiddenUrl, shownHeaders, shownUrl } from '../../../core/secret.ts';
import type { JobCopy, TransferItem } from '../../../core/transfer.ts';
import { parseJson, quoted, refuseRepeatedAnywhere } from './body.ts';
import {
  ExportEnd,
  ExportedDefinition,
  ExportedJob,
  ExportedQueue,
  type ExportedResult,
  ExportHead,
  exportFormat,
} from './transfer-schemas.ts';
import { makeCheck } from './validation.ts';

/** An older server refuses the head of an export that hides, as it refuses what is hidden; it reads all others. */
export const headLine = (version: string, hides: boolean): string =>
  JSON.stringify({ kind: 'hatstand', format: exportFormat, version, ...(hides && { secrets: 'hidden' }) });
export const endLine = (counts: { readonly queues: number; readonly definitions: number; readonly jobs: number }): string =>
  JSON.stringify({ kind: 'end', ...counts });

/** @param hides whether it is for people, who are not shown what is secret */
export function itemLine(item: TransferItem, hides: boolean): string {
  if (item.kind === 'job' && hides) return JSON.stringify({ kind: item.kind, ...item.copy, job: shownJob(item.copy.job) });
  if (item.kind !== 'queue') return JSON.stringify({ kind: item.kind, ...item.copy });
  return JSON.stringify({ kind: 'queue', name: item.name, ...item.settings });
}

const shownJob = (job: Job): Job => ({ ...job, url: shownUrl(job.url), headers: job.headers === null ? null : shownHeaders(job.headers) });

const checkHead = makeCheck(ExportHead, 'the first line');
const checkEnd = makeCheck(ExportEnd, 'the last line');
const checkQueue = makeCheck(ExportedQueue, 'a queue');
const checkDefinition = makeCheck(ExportedDefinition, 'a definition');
const checkJob = makeCheck(ExportedJob, 'a job');

/** Of the lines that one request brings, in order: a head tells how those behind it were written. */
export class LineReader {
  #secrets: 'shown' | 'hidden' = 'shown';

  /** `null`: a line that holds nothing to take in. Throws `invalid_json` or `invalid_request`. */
  read(text: string): TransferItem | null {
    const value = parseJson(text);
    refuseRepeatedAnywhere(text);
    const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
    switch (kind) {
      case 'job': {
        const exported = checkJob(value);
        if (this.#secrets === 'hidden') checkShown(exported.job);
        return { kind, copy: copyOf(exported) };
      }
      case 'definition': {
        const { definition, parts } = checkDefinition(value);
        return { kind, copy: { definition, parts } };
      }
      case 'queue': {
        const { name, paused, concurrency, rate } = checkQueue(value);
        return { kind, name, settings: { paused, concurrency, rate } };
      }
      case 'hatstand': {
        const { format, secrets = 'shown' } = checkHead(value);
        checkFormat(format);
        this.#secrets = secrets;
        return null;
      }
      case 'end':
        checkEnd(value);
        return null;
      default:
        throw new HatstandError('invalid_request', `kind must be "hatstand", "queue", "definition", "job" or "end", not ${quoted(kind)}.`, {
          field: 'kind',
        });
    }
  }
}

/** Exports of before had no owners, limits, causes and stacks. */
function copyOf({ job, attempts }: ExportedJob): JobCopy {
  return {
    job: { ...job, owner: job.owner ?? '', limit: job.limit ?? '', about: job.about ?? null, result: resultOf(job.result) },
    attempts: attempts.map((attempt) => ({ ...attempt, result: resultOf(attempt.result) })),
  };
}

/** Where an export hides, `***` stands for a secret; in any other it is one. */
function checkShown({ url, headers }: ExportedJob['job']): void {
  const field = isHiddenUrl(url) ? 'url' : hiddenHeader(headers ?? {});
  if (field === null) return;
  throw new HatstandError(
    'invalid_request',
    `${quoted(field)} was hidden by this export, which is for people. Export again with secrets=shown.`,
    { field },
  );
}

const resultOf = ({ cause = null, stack = '', ...result }: ExportedResult): JobResult => ({
  ...result,
  cause: cause !== null && isFailureCause(cause) ? cause : null,
  stack,
});

function checkFormat(format: number): void {
  if (format >= 1 && format <= exportFormat) return;
  throw new HatstandError(
    'invalid_request',
    `format must be from 1 to ${exportFormat}, not ${format}. Export again with a version that writes it.`,
    {
      field: 'format',
    },
  );
}
