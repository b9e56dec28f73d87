/** One line of an export: written, and read again. */
import type { Static } from 'typebox';
import { isStarredBatch, shownBatch, writeBatch } from '../../../core/batch.ts';
import { readBatch } from '../../../core/batch-record.ts';
import { isFailureCause } from '../../../core/cause.ts';
import type { Definition } from '../../../core/definition.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { Job, JobResult } from '../../../core/job.ts';
import { noEnds } from '../../../core/owned.ts';
import { hidden, hiddenHeader, isHiddenUrl, shownHeaders, shownUrl } from '../../../core/secret.ts';
import type { DefinitionCopy, JobCopy, TransferItem } from '../../../core/transfer.ts';
import { isStarred, shownTrigger, writeTrigger } from '../../../core/trigger.ts';
import { readTrigger } from '../../../core/trigger-record.ts';
import type { ExportItem } from '../../../engine/api/transfer.ts';
import { quoted, refuseRepeatedAnywhere } from './body.ts';
import { parseJson } from './json-text.ts';
import {
  ExportEnd,
  ExportedDefinition,
  ExportedJob,
  ExportedLimit,
  ExportedQueue,
  type ExportedResult,
  ExportHead,
  exportFormat,
} from './transfer-schemas.ts';
import { makeCheck } from './validation.ts';

/** The head tells for people and programs that the jobs lack secrets; each job that does says so itself. */
export const headLine = (version: string, hides: boolean): string =>
  JSON.stringify({ kind: 'hatstand', format: exportFormat, version, ...(hides && { secrets: 'hidden' }) });
export const endLine = (counts: Readonly<Record<'queues' | 'definitions' | 'jobs', number>> & { readonly limits?: number }): string =>
  JSON.stringify({ kind: 'end', ...counts });

/** @param hides whether it is for people, who are not shown what is secret */
export function itemLine(item: ExportItem, hides: boolean): string {
  if (item.kind === 'unreadable') return JSON.stringify({ kind: item.kind, ...item.record, ...(hides && { raw: hidden }) });
  if (item.kind === 'queue') return JSON.stringify({ kind: 'queue', name: item.name, ...item.settings });
  if (item.kind === 'limit') return JSON.stringify({ kind: 'limit', name: item.name, ...item.settings });
  if (item.kind === 'definition') return definitionLine(item.copy, hides);
  const job = hides ? shownJob(item.copy.job) : item.copy.job;
  return JSON.stringify({ kind: item.kind, ...(starredField(job) !== null && { secrets: hides ? 'hidden' : 'shown' }), ...item.copy, job });
}

function definitionLine({ definition, parts }: DefinitionCopy, hides: boolean): string {
  const read = secretsIn(definition);
  // Of what nobody can read, nobody knows what is secret in it.
  const body = hides && read !== 'none' ? (read === 'unread' ? hidden : read.shown) : definition.body;
  const isMarked = read === 'unread' ? hides : read !== 'none' && (hides ? read.isStarredShown : read.isStarred);
  return JSON.stringify({
    kind: 'definition',
    ...(isMarked && { secrets: hides ? 'hidden' : 'shown' }),
    ...{ definition: { ...definition, body }, parts },
  });
}

/** What may be secret in a body. */
interface Secrets {
  /** Without it. */
  readonly shown: string;
  /** Whether stars stand in it as it is, and as it is shown. */
  readonly isStarred: boolean;
  readonly isStarredShown: boolean;
}

/** `none`: nothing of its kind is secret; `unread`: nobody can read it. */
function secretsIn({ kind, body }: Pick<Definition, 'kind' | 'body'>): Secrets | 'none' | 'unread' {
  try {
    if (kind === 'trigger') return secretsOf(readTrigger(body), { shown: shownTrigger, isStarred, write: writeTrigger });
    if (kind === 'batch') return secretsOf(readBatch(body), { shown: shownBatch, isStarred: isStarredBatch, write: writeBatch });
    return 'none';
  } catch {
    return 'unread';
  }
}

interface Hiding<Body> {
  readonly shown: (body: Body) => Body;
  readonly isStarred: (body: Body) => boolean;
  readonly write: (body: Body) => string;
}

const secretsOf = <Body>(body: Body, { shown, isStarred: isIn, write }: Hiding<Body>): Secrets => ({
  shown: write(shown(body)),
  isStarred: isIn(body),
  isStarredShown: isIn(shown(body)),
});

const shownJob = (job: Job): Job => ({ ...job, url: shownUrl(job.url), headers: job.headers === null ? null : shownHeaders(job.headers) });

/** Where stars stand for a secret, or are one. */
const starredField = ({ url, headers }: Pick<Job, 'url' | 'headers'>): string | null =>
  isHiddenUrl(url) ? 'url' : hiddenHeader(headers ?? {});

const checkHead = makeCheck(ExportHead, 'the first line');
const checkEnd = makeCheck(ExportEnd, 'the last line');
const checkQueue = makeCheck(ExportedQueue, 'a queue');
const checkLimit = makeCheck(ExportedLimit, 'a limit');
const checkDefinition = makeCheck(ExportedDefinition, 'a definition');
const checkJob = makeCheck(ExportedJob, 'a job');

/** `null`: a line that holds nothing to take in. Throws `invalid_json` or `invalid_request`. */
export function readLine(text: string): TransferItem | null {
  const value = parseJson(text);
  refuseRepeatedAnywhere(text);
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  switch (kind) {
    case 'job': {
      const exported = checkJob(value);
      if (exported.secrets !== 'shown') checkShown(exported.job);
      return { kind, copy: copyOf(exported) };
    }
    case 'definition': {
      const { definition, parts, secrets } = checkDefinition(value);
      const read = secrets === 'shown' ? 'none' : secretsIn(definition);
      if (typeof read === 'object' && read.isStarred)
        throw hiddenHere('body', `What is secret in the ${definition.kind} ${quoted(definition.key)}`);
      return { kind, copy: { definition: withEnds(definition), parts } };
    }
    case 'queue': {
      const { name, paused, closed = false, concurrency, rate } = checkQueue(value);
      return { kind, name, settings: { paused, closed, concurrency, rate } };
    }
    case 'limit': {
      const { name, concurrency, rate, pausedUntil } = checkLimit(value);
      return { kind, name, settings: { concurrency, rate, pausedUntil } };
    }
    case 'hatstand':
      checkFormat(checkHead(value).format);
      return null;
    case 'unreadable':
      throw new HatstandError(
        'invalid_request',
        'This record could not be read where it was exported, so nobody can take it in. It is here for who wants to mend it.',
        { field: 'kind' },
      );
    case 'end':
      checkEnd(value);
      return null;
    default:
      throw new HatstandError(
        'invalid_request',
        `kind must be "hatstand", "queue", "limit", "definition", "job" or "end", not ${quoted(kind)}.`,
        {
          field: 'kind',
        },
      );
  }
}

/** Exports of before did not count how jobs had ended. */
const withEnds = (definition: Static<typeof ExportedDefinition>['definition']): Definition => ({
  ...definition,
  owned: { ...definition.owned, ended: definition.owned.ended ?? null, gone: definition.owned.gone ?? noEnds },
});

/** Exports of before had no owners, limits, causes and stacks. */
function copyOf({ job, attempts }: ExportedJob): JobCopy {
  return {
    job: { ...job, owner: job.owner ?? '', limit: job.limit ?? '', about: job.about ?? null, result: resultOf(job.result) },
    attempts: attempts.map((attempt) => ({ ...attempt, result: resultOf(attempt.result) })),
  };
}

/** Stars stand for a secret, unless the line says that they are one: with them the job would be sent to its web app. */
function checkShown(job: ExportedJob['job']): void {
  const field = starredField(job);
  if (field !== null) throw hiddenHere(field);
}

const hiddenHere = (field: string, what = quoted(field)): HatstandError =>
  new HatstandError(
    'invalid_request',
    `${what} was hidden by this export, which is for people. Export again with secrets=shown (hatstand export --with-secrets). ` +
      'If the stars are the value itself, write "secrets":"shown" into the line, behind its kind.',
    { field },
  );

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
