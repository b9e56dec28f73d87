/** Log lines of a job as an event, for who asked for that in the push (cozy-stack's ForwardLogs): it fires nothing. */
import { aboutOf } from './about.ts';
import type { NewEvent } from './event.ts';
import type { Job } from './job.ts';
import { jobEventType } from './lifecycle-event.ts';
import type { NewLine } from './report.ts';

/** What somebody has damaged asks for nothing. */
export function forwardsLogs(job: Pick<Job, 'about'>): boolean {
  try {
    return job.about !== null && aboutOf(job).forwardLogs === true;
  } catch {
    return false;
  }
}

/** Those of one report. What is reported once more is told once. */
export function logEvent({ id, domain, attempt, fence }: Job, lines: readonly NewLine[]): NewEvent {
  const told = lines.map(
    ({ number, level, text, fields }) => `{${JSON.stringify({ number, level, text }).slice(1, -1)},"fields":${fields}}`,
  );
  const head = JSON.stringify({ id, move: 'log', attempt, fence }).slice(0, -1);
  const key = `log/${id}/${fence}/${lines.at(-1)?.number ?? 0}`;
  return { domain, type: jobEventType, verb: 'NOTIFIED', id, doc: `${head},"lines":[${told.join(',')}]}`, old: null, key };
}
