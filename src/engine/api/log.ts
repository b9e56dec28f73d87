/** What attempts have told of a job. */
import type { JobId } from '../../core/id.ts';
import type { Job, JobState } from '../../core/job.ts';
import { isJson } from '../../core/record.ts';
import { type LogLine, type LogPlace, type Progress, progressOf } from '../../core/report.ts';
import type { LogPage } from '../../ports/store/jobs.ts';
import type { Store } from '../../ports/store/store.ts';

/** A part of a job's log, with how the job stands: of one that has ended nothing more will come. */
export interface JobLog extends LogPage {
  readonly state: JobState;
}

export interface Log {
  /** Without its payload and output, which may be large. */
  find(id: JobId): Promise<Job | null>;
  /** Lines behind a place, oldest first; `null`: there is no such job. */
  lines(id: JobId, after: LogPlace | null, limit: number): Promise<JobLog | null>;
  /** How far its newest attempt is, or came; `null`: it has told nothing, or has not begun. */
  progress(job: Job): Promise<Progress | null>;
}

export function makeLog(store: Pick<Store, 'jobs'>): Log {
  async function find(id: JobId): Promise<Job | null> {
    const filter = [{ field: 'id', not: false, any: [id] }] as const;
    const { jobs } = await store.jobs.list({ filter, match: null, order: 'oldest', from: null, limit: 1, brief: true, lookAt: null });
    return jobs[0] ?? null;
  }

  return {
    find,
    async lines(id, after, limit) {
      // The state first: what an attempt told last was kept before its end.
      const job = await find(id);
      if (job === null) return null;
      const page = await store.jobs.lines(id, after, limit);
      return { ...page, lines: page.lines.map(showable), progress: progressOf(job, showableProgress(page.progress)), state: job.state };
    },
    async progress(job) {
      if (job.startedAt === null) return null;
      return progressOf(job, showableProgress((await store.jobs.lines(job.id, null, 0)).progress));
    },
  };
}

/** What somebody has damaged must not make something else of an answer. */
const showable = (line: LogLine): LogLine => (line.fields === null || isJson(line.fields) ? line : { ...line, fields: null });
const showableProgress = (progress: Progress | null): Progress | null => (progress !== null && isJson(progress.value) ? progress : null);
