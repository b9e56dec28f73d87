/** A task as JSON. Written by hand: message, result, checkpoint and data go in as the texts that they are. */
import { formatDuration } from '../../../core/duration.ts';
import type { JobResult } from '../../../core/job.ts';
import { isJson } from '../../../core/record.ts';
import type { Progress } from '../../../core/report.ts';
import type { IsServed } from '../../../core/serving.ts';
import { type Crash, type Restart, seedStatusOf } from '../../../core/task.ts';
import type { TaskRecord } from '../../../engine/api/kept-tasks.ts';
import type { MailPage, WaitingMail } from '../../../engine/api/tasks.ts';
import { withMembers } from './job-json.ts';
import { progressMembers } from './log-json.ts';

const isoTime = (millis: number): string => new Date(millis).toISOString();
const isoTimeOrNull = (millis: number | null): string | null => (millis === null ? null : isoTime(millis));
const durationOrNull = (millis: number | null): string | null => (millis === null ? null : formatDuration(millis));

/** What it told as its end; `null`: it has not ended. */
const endOf = ({ status, state }: TaskRecord): TaskRecord['state']['ended'] =>
  status === 'ended' || status === 'crashed' ? state.ended : null;

const waits = ({ status }: TaskRecord): boolean => status === 'queued' || status === 'restarting';

/** The schema `TaskSummary`. */
export function taskSummaryJson(record: TaskRecord, isServed: IsServed): string {
  const { ref, task, state, status, definition, job } = record;
  const { desired, restart, pause, stalledAfter, cleanEnd, maxDetached, createdAt } = task;
  const { worker, queue, priority, name, comment, payload } = task.job;
  const ended = endOf(record);
  const text = JSON.stringify({
    ...{ id: ref.id, domain: ref.domain, worker, desired, status, seedStatus: seedStatusOf(status) },
    unserved: waits(record) && !isServed(task.job),
    restart: restartJson(restart),
    ...{ pause: durationOrNull(pause), stalledAfter: durationOrNull(stalledAfter), cleanEnd },
    ...{ stateOptional: maxDetached !== null, maxDetached: durationOrNull(maxDetached) },
    ...{ queue, priority, name, comment },
    ...{ job: job?.id ?? null, holder: job?.holder ?? '', startedAt: isoTimeOrNull(job?.startedAt ?? null) },
    ...{ crashes: state.crashes, newestCrashes: state.newestCrashes.map(crashJson) },
    ...{ createdAt: isoTime(createdAt), endedAt: isoTimeOrNull(ended?.at ?? null), end: ended?.how ?? null, version: definition.version },
  });
  return withMembers(text, `"message":${payload ?? 'null'}`);
}

const restartJson = ({ on, backoff, maxBackoff, crashes, healthyAfter }: Restart): object => ({
  ...{ on, backoff: formatDuration(backoff), maxBackoff: formatDuration(maxBackoff), crashes, healthyAfter: formatDuration(healthyAfter) },
});

const crashJson = ({ at, job, error }: Crash): object => ({ at: isoTime(at), job, error });

/** The schema `Task`. */
export function taskJson(record: TaskRecord, isServed: IsServed, progress: Progress | null): string {
  const { job, checkpoint } = record;
  const result = endOf(record)?.how === 'succeeded' && job !== null ? resultText(job.result) : 'null';
  const members = `"result":${result},"checkpoint":${checkpoint ?? 'null'},${progressMembers(progress)}`;
  return withMembers(taskSummaryJson(record, isServed), members);
}

/** One that was cut is none, and whoever settles an attempt from elsewhere may answer what is no JSON. */
const resultText = ({ output, outputCut }: JobResult): string => (output === '' || outputCut || !isJson(output) ? 'null' : output);

/** The schema `WaitingControls`. */
export const controlsJson = ({ mail, next }: MailPage): string => `{"controls":[${mail.map(controlJson).join(',')}],"next":${next}}`;

const controlJson = ({ id, name, data, at }: WaitingMail): string =>
  withMembers(JSON.stringify({ id, name, at: isoTime(at) }), `"data":${data ?? 'null'}`);
