/** Push: new records, or the ones that their idempotency keys had made before. */
import { timeOfId } from '../../core/id.ts';
import { stateCodes } from './codes.ts';
import { absent } from './counters.ts';
import { prepareRows } from './database.ts';
import type { Ledger } from './ledger.ts';
import { type Cell, type TapeReader, writeList } from './tape.ts';
import { type PushedJob, readNewJob, startKinds } from './wire.ts';

export const pushKinds = ['pushed', 'replayed', 'conflict'] as const;
export type PushKind = (typeof pushKinds)[number];

export interface Pusher {
  push(job: PushedJob): { readonly kind: PushKind; readonly id: string };
}

const insertSql = `
  INSERT INTO jobs (id, state, queue, worker, manual, priority, due_at, created_at, run, attempt, lost, fence, holder, op, reason,
    output_cut, domain, name, url, comment, error, options, headers, payload, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 0, 0, 0, '', '', '', 0, ?, ?, ?, ?, '', ?, ?, ?, '')`;

export function makePusher({ db, clock, ids, counters, journal, due }: Ledger): Pusher {
  const insert = db.prepare(insertSql);
  const findKey = prepareRows(db, 'SELECT CAST(job_id AS TEXT), digest FROM idempotency WHERE domain = ? AND key = ?');
  const keepKey = db.prepare('INSERT INTO idempotency (domain, key, job_id, digest, at) VALUES (?, ?, ?, ?, ?)');

  const keyed = (job: PushedJob): { kind: PushKind; id: string } | null => {
    const known = job.key === null ? undefined : findKey.get(job.domain, job.key);
    return known === undefined ? null : { kind: known[1] === job.digest ? 'replayed' : 'conflict', id: String(known[0]) };
  };

  return {
    push(job) {
      const before = keyed(job);
      if (before !== null) return before;
      const now = clock.now();
      const id = ids.next(now);
      const dueAt = dueTime(job, now);
      const state = dueAt > now ? stateCodes.scheduled : stateCodes.queued;
      insert.run(
        ...[id, state, job.queue, job.worker, job.manual, job.priority, dueAt, timeOfId(id)],
        ...[job.domain, job.name, job.url, job.comment, job.options, job.headers, job.payload],
      );
      if (job.key !== null) keepKey.run(job.domain, job.key, id, job.digest, now);
      const line = counters.line(job.worker, job.queue);
      counters.move(line, absent, state, job.manual);
      journal.moved('push', id);
      if (state === stateCodes.queued) journal.ready(line);
      else due.expect(dueAt);
      return { kind: 'pushed', id };
    },
  };
}

/** As core/transitions.ts createJob has it; whole milliseconds, never too early. */
function dueTime(job: PushedJob, now: number): number {
  if (job.startKind === startKinds.now) return now;
  return Math.ceil(job.startKind === startKinds.at ? Math.max(now, job.start) : now + job.start);
}

/** The call `push`. */
export function makePush(ledger: Ledger, pusher: Pusher): (call: TapeReader, reply: Cell[]) => void {
  return (call, reply) => {
    const pushed = call.list(() => pusher.push(readNewJob(call)));
    ledger.journal.passes('push');
    writeList(reply, pushed, ({ kind, id }) => reply.push(pushKinds.indexOf(kind), id));
  };
}
