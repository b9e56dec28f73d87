/** A thread that reads: through a connection that cannot write, beside the writer. */
import type { DatabaseSync } from 'node:sqlite';
import type { JobQuery } from '../../ports/store/jobs.ts';
import { refuse } from './batch.ts';
import { replyCodes } from './calls.ts';
import { openReader, prepareRows } from './database.ts';
import { listJobs } from './list.ts';
import { type ReadName, readNames } from './reads.ts';
import { attemptColumns, jobColumns } from './rows.ts';
import { type Cell, TapeReader, writeList, writeRow } from './tape.ts';
import { serveThread } from './thread.ts';

type Handler = (call: TapeReader, reply: Cell[]) => void | Promise<void>;

function makeHandlers(db: DatabaseSync): Readonly<Record<ReadName, Handler>> {
  const get = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  const attempts = prepareRows(db, `SELECT ${attemptColumns} FROM attempts WHERE job_id = ? ORDER BY fence DESC LIMIT ?`);
  const events = prepareRows(db, 'SELECT seq, at, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?');
  const writeRows = (reply: Cell[], rows: readonly (readonly Cell[])[]): void => writeList(reply, rows, (row) => writeRow(reply, row));
  return {
    get: (call, reply) => {
      const row = get.get(call.text());
      writeRows(reply, row === undefined ? [] : [row]);
    },
    attempts: (call, reply) => writeRows(reply, attempts.all(call.text(), call.number())),
    events: (call, reply) => writeRows(reply, events.all(call.number(), call.number())),
    async list(call, reply) {
      const page = await listJobs(db, JSON.parse(call.text()) as JobQuery);
      writeRows(reply, page.rows);
      reply.push(page.next);
    },
  };
}

serveThread(({ file }: { readonly file: string }) => {
  const db = openReader(file);
  const handlers = makeHandlers(db);
  return {
    async answer(cells, reply) {
      for (const tape = new TapeReader(cells, 1); tape.more; ) {
        const name = readNames[tape.number()];
        if (name === undefined) throw new Error('there is no such read');
        tape.number();
        const answer: Cell[] = [replyCodes.done];
        try {
          await handlers[name](tape, answer);
        } catch (error) {
          answer.length = 0;
          refuse(answer, error);
        }
        for (const cell of answer) reply.push(cell);
      }
    },
    close: () => db.close(),
  };
});
