/** A new job on its way to the writer, and what became of it. */
import { type JobId, timeOfId } from '../../../core/id.ts';
import type { NewJob } from '../../../core/job.ts';
import type { Pushed } from '../../../ports/store/jobs.ts';
import type { NewJobRow } from '../file/rows/new-job.ts';
import { headersText, optionsText } from '../file/rows/options.ts';
import { type Codec, word } from './codec.ts';

const start = word(['now', 'delay', 'at']);

/** Options and headers become the texts that the file has: the writer does not look at them. */
export const newJob: Codec<NewJob, NewJobRow> = {
  write(cells, job) {
    cells.push(job.domain, job.queue, job.worker, job.name, job.comment, job.url, job.manual ? 1 : 0, job.priority);
    start.write(cells, job.start === null ? 'now' : 'at' in job.start ? 'at' : 'delay');
    cells.push(job.start === null ? 0 : 'at' in job.start ? job.start.at : job.start.delay);
    cells.push(optionsText(job.options), headersText(job.headers), job.owner, job.limit, job.about, job.payload);
    cells.push(job.idempotency === null ? null : job.idempotency.key, job.idempotency === null ? '' : job.idempotency.digest);
  },
  read: (tape) => ({
    domain: tape.text(),
    queue: tape.text(),
    worker: tape.text(),
    name: tape.text(),
    comment: tape.text(),
    url: tape.text(),
    manual: tape.number(),
    priority: tape.number(),
    start: start.read(tape),
    startTime: tape.number(),
    options: tape.text(),
    headers: tape.textOrNull(),
    owner: tape.text(),
    limit: tape.text(),
    about: tape.textOrNull(),
    payload: tape.textOrNull(),
    key: tape.textOrNull(),
    digest: tape.text(),
  }),
};

const pushedKind = word(['pushed', 'replayed', 'conflict']);

/** When it was created is part of its id. */
export const pushed: Codec<Omit<Pushed, 'createdAt'>, Pushed> = {
  write(cells, { kind, id }) {
    pushedKind.write(cells, kind);
    cells.push(id);
  },
  read(tape) {
    const kind = pushedKind.read(tape);
    const id: JobId = tape.text();
    return { kind, id, createdAt: timeOfId(id) };
  },
};
