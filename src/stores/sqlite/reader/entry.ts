/** A thread that reads: through a connection that cannot write, beside the writer. */
import type { DatabaseSync } from 'node:sqlite';
import { makeSearcher, type Searcher } from '../../searcher.ts';
import { handledCalls, type ReaderHandlers } from '../calls/calls.ts';
import { refuse, replyCodes } from '../calls/message.ts';
import type { ReaderData } from '../calls/opening.ts';
import { serveThread } from '../calls/serve.ts';
import { openReader, prepareRows } from '../file/database.ts';
import { checkOwnFiles, identityOf, type OwnFiles } from '../file/own-files.ts';
import { jobColumns } from '../file/rows/job.ts';
import { type Cell, TapeReader } from '../file/tape.ts';
import { makeAttempts } from './attempts.ts';
import { makeDefinitions } from './definitions.ts';
import { makeEndings } from './endings.ts';
import { makeEntries } from './entries.ts';
import { makeLines } from './lines.ts';
import { listJobs } from './list.ts';

function makeHandlers(db: DatabaseSync, searcher: Searcher): ReaderHandlers {
  const endings = makeEndings();
  const get = prepareRows(db, `SELECT ${jobColumns} FROM jobs WHERE id = ?`);
  return {
    jobs: {
      get: (id) => get.get(id) ?? null,
      attempts: makeAttempts(db),
      lines: makeLines(db),
      list: (query, signal) => endings.run(signal, (abort) => listJobs(db, query, searcher, abort)),
    },
    queues: {},
    limits: {},
    nodes: {},
    definitions: makeDefinitions(db),
    journal: makeEntries(db),
    upkeep: {},
    clock: {},
    searches: { end: endings.end },
  };
}

/** Characters of one message beyond which no further call is answered in it. */
const longestAnswer = 2 * 1024 * 1024;

/** One that stays open would keep the writer, when it closes, from bringing its log home: only the last connection does that. */
function openChecked(file: string, files: OwnFiles): DatabaseSync {
  const db = openReader(file);
  try {
    checkOwnFiles(file, files);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

serveThread(({ file, files }: ReaderData) => {
  // A connection makes a log where there is none: what the writer still has in one that was removed would be lost by that. Without
  // the database itself it opens nothing.
  if (identityOf(file) !== '') checkOwnFiles(file, files);
  const db = openChecked(file, files);
  const searcher = makeSearcher();
  const calls = handledCalls(makeHandlers(db, searcher));
  return {
    async answer(cells, reply) {
      let length = 0;
      for (const tape = new TapeReader(cells, 1); tape.more; ) {
        const call = calls[tape.number()];
        if (call === undefined) throw new Error('there is no such call in a thread that reads');
        const size = tape.number();
        if (length > longestAnswer) {
          tape.skip(size);
          reply.push(replyCodes.postponed);
          continue;
        }
        const answer: Cell[] = [replyCodes.done];
        try {
          call.writeAnswer(answer, await call.handle(tape));
        } catch (error) {
          answer.length = 0;
          refuse(answer, error);
        }
        for (const cell of answer) {
          reply.push(cell);
          if (typeof cell === 'string') length += cell.length;
        }
      }
    },
    close() {
      void searcher.close();
      db.close();
    },
  };
});
