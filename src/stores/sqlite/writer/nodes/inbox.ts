/** What waits for nodes: each message once, until its node has acknowledged it. */
import type { Job } from '../../../../core/job.ts';
import type { InboxMessage } from '../../../../core/node.ts';
import { prepareRows } from '../../file/database.ts';
import type { State } from '../state.ts';

export interface Inbox {
  /** Tells the job's holder to stop it, if that is a node: others learn of it when they extend. */
  tellToCancel(job: Job): void;
  /** Removes the messages up to `ack` and answers the others. */
  messages(incarnation: string, ack: number): readonly InboxMessage[];
  empty(incarnation: string): void;
}

export function makeInbox({ db, hints, leases }: State): Inbox {
  const tell = db.prepare('INSERT INTO inbox (holder, job_id, fence) VALUES (?, ?, ?)');
  const acknowledge = db.prepare('DELETE FROM inbox WHERE holder = ? AND seq <= ?');
  const empty = db.prepare('DELETE FROM inbox WHERE holder = ?');
  const messages = prepareRows(db, 'SELECT seq, CAST(job_id AS TEXT), CAST(fence AS TEXT) FROM inbox WHERE holder = ? ORDER BY seq');
  return {
    tellToCancel({ holder, id, fence }) {
      if (leases.get(holder) === undefined) return;
      tell.run(holder, id, fence);
      hints.inbox(holder);
    },
    messages(incarnation, ack) {
      if (ack > 0) acknowledge.run(incarnation, ack);
      return messages
        .all(incarnation)
        .map(([seq, id, fence]) => ({ kind: 'cancel', seq: Number(seq), id: String(id), fence: String(fence) }));
    },
    empty: (incarnation) => void empty.run(incarnation),
  };
}
