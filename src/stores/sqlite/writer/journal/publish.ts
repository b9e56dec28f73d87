/** Publishing: events are told, and what they cause is done, in one step. */
import type { Caused, Published, PublishedEvent } from '../../../../ports/store/journal.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { CauseRow, EventRow } from '../../calls/journal.ts';
import { kindCode } from '../../file/codes.ts';
import { prepareRows } from '../../file/database.ts';
import type { Pusher } from '../jobs/push.ts';
import type { State } from '../state.ts';

export interface PublishParts {
  readonly pusher: Pusher;
  readonly gather: WriterHandlers['definitions']['gather'];
}

export function makePublish(
  { db, clock, journal, hints, closed }: State,
  { pusher, gather }: PublishParts,
): Pick<WriterHandlers['journal'], 'publish'> {
  const rulesVersion = prepareRows(db, `SELECT version FROM groups WHERE kind = ${kindCode('trigger')} AND "group" = 'event'`);
  const place = prepareRows(db, 'SELECT seq FROM followers WHERE name = ?');
  const keepPlace = db.prepare('INSERT OR REPLACE INTO followers (name, seq) VALUES (?, ?)');
  const findKey = prepareRows(db, 'SELECT seq, number FROM event_keys WHERE domain = ? AND key = ?');
  const keepKey = db.prepare('INSERT INTO event_keys (domain, key, seq, number, at) VALUES (?, ?, ?, ?, ?)');

  const tell = ({ domain, key, size, written }: EventRow): PublishedEvent => {
    const known = key === null ? undefined : findKey.get(domain, key);
    if (known !== undefined) return { kind: 'known', seq: Number(known[0]), number: Number(known[1]) };
    const [seq, number] = [journal.nextSeq, journal.tell(written, size)];
    if (key !== null) keepKey.run(domain, key, seq, number, clock.steady());
    return { kind: 'told', seq, number };
  };

  const cause = ({ event, job, part }: CauseRow, events: readonly PublishedEvent[], anyway: boolean): Caused => {
    if (event !== null && events[event]?.kind === 'known') return { kind: 'known' };
    if (job !== null) return anyway ? pusher.pushAnyway(job) : pusher.push(job);
    return { kind: (part === null ? [] : gather([part]))[0] ?? 'missing' };
  };

  return {
    publish({ events, causes, rules, follow }): Published {
      const at = follow === null ? 0 : Number(place.get(follow.name)?.[0] ?? 0);
      if (follow !== null && follow.from !== at) return { kind: 'moved', at };
      const version = rules === null ? 0 : Number(rulesVersion.get()?.[0] ?? 0);
      if (rules !== null && rules !== version) return { kind: 'stale', version };
      const waitsFor = follow?.waits === true ? causes.find(({ job }) => job !== null && closed.has(job.queue))?.job : null;
      if (waitsFor != null) return { kind: 'closed', queue: waitsFor.queue };
      if (follow !== null) keepPlace.run(follow.name, follow.to);
      const told = events.map(tell);
      if (told.some(({ kind }) => kind === 'told')) hints.told();
      return { kind: 'published', events: told, causes: causes.map((each) => cause(each, told, follow?.waits === true)) };
    },
  };
}
