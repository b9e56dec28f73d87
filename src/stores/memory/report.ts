/** What holders tell of their attempts while they run. */
import { compareIds, type JobId } from '../../core/id.ts';
import type { AttemptRef } from '../../core/job.ts';
import { emptyLog, type LogPlace, newestTold, sizeOfLine, surplusOf, tellLines } from '../../core/report.ts';
import type { LogPage, Report, Reported } from '../../ports/store/jobs.ts';
import { push } from './push.ts';
import type { JobLog } from './records.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

const nothing: JobLog = { head: emptyLog, lines: [], progress: null };

export function report(state: State, step: Step, ref: AttemptRef, what: Report): Reported {
  const entry = state.records.held(ref);
  if (entry === undefined) return { kind: 'lost' };
  const { hold } = entry;
  if (what.ttl !== null && hold !== null && hold.deadline !== null)
    state.records.put({ ...entry, hold: { ...hold, deadline: step.steady + what.ttl } });
  const log = state.records.logs.get(ref.id) ?? nothing;
  if (what.progress !== null || what.lines.length > 0) state.records.logs.set(ref.id, withReport(log, step.now, ref.fence, what));
  const pushed = what.push.length === 0 ? [] : push(state, step, what.push);
  const known = what.lines.length === 0 ? 0 : newestTold(log.head, ref.fence);
  return { kind: entry.job.state === 'stopping' ? 'stopping' : 'reported', pushed, known };
}

function withReport(log: JobLog, now: number, fence: string, what: Report): JobLog {
  const { head, lines } = tellLines(log.head, fence, what.lines);
  const told = lines.map(({ level, text, fields, number, ago }) => ({ fence, number, at: Math.floor(now - ago), level, text, fields }));
  const all = [...log.lines, ...told];
  const sizes = all.map(sizeOfLine);
  const surplus = surplusOf(
    sizes,
    all.length,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  return {
    head: { ...head, dropped: head.dropped + surplus.lines },
    lines: all.slice(surplus.lines),
    progress: what.progress === null ? log.progress : { fence, at: now, value: what.progress },
  };
}

export function lines(state: State, _step: Step, id: JobId, after: LogPlace | null, limit: number): LogPage {
  const { head, lines: kept, progress } = state.records.logs.get(id) ?? nothing;
  const asked = after === null ? kept : kept.filter((line) => isBehind(line, after));
  return { lines: asked.slice(0, limit), more: asked.length > limit, dropped: head.dropped, progress };
}

const isBehind = (line: LogPlace, place: LogPlace): boolean => (compareIds(line.fence, place.fence) || line.number - place.number) > 0;
