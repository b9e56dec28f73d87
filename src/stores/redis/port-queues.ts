/** The queues and events of the store's port. */
import { type JobVerb, jobStates } from '../../core/job.ts';
import { openQueue, type QueueRecord, type StateCounts } from '../../core/queue.ts';
import type { JournalEntry } from '../../ports/store/journal.ts';
import type { QueueStore } from '../../ports/store/queues.ts';
import { asList, asText, type Calls } from './calls.ts';
import type { Argument, Reply } from './driver/driver.ts';
import type { Shown } from './shown.ts';
import { readCounts, readSettings, writeSettings } from './wire.ts';
import { numberOf, plainId, textOf, wordOf } from './words.ts';

export function makeQueuePort(calls: Calls): QueueStore {
  return {
    list: () => calls.look(['queues'], readQueues),
    configure(queue, change) {
      const write = (args: Argument[]): void => {
        args.push('configure', wordOf(queue));
        writeSettings(args, change);
      };
      return calls.step({ name: 'configure' }, write, (reply) => readSettings(asText(reply)));
    },
  };
}

const noCounts = Object.fromEntries(jobStates.map((state) => [state, 0])) as StateCounts;

const sum = (a: StateCounts, b: StateCounts): StateCounts =>
  Object.fromEntries(jobStates.map((state) => [state, a[state] + b[state]])) as StateCounts;

const longer = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

/** A queue is there as long as it has jobs or is set otherwise than open. */
function readQueues(reply: Reply): readonly QueueRecord[] {
  const shown = asList(reply);
  const queues = new Map<string, QueueRecord>();
  const queueNamed = (name: string): QueueRecord => queues.get(name) ?? { name, ...openQueue, counts: noCounts, oldestWaiting: null };
  shown.list().rest((each) => {
    const name = textOf(each.text());
    queues.set(name, { ...queueNamed(name), ...readSettings(each.text()) });
  });
  const [lines, waits]: [Shown, Shown] = [shown.list(), shown.list()];
  lines.rest((each) => {
    const name = textOf(each.text().split('/')[1] ?? '');
    const queue = queueNamed(name);
    const counts = sum(queue.counts, readCounts(each.text()));
    queues.set(name, { ...queue, counts, oldestWaiting: longer(queue.oldestWaiting, numberOf(waits.text())) });
  });
  return [...queues.values()];
}

export function readEvents(reply: Reply): readonly JournalEntry[] {
  return asList(reply).rest((shown) => {
    const event = shown.list();
    const [, seq] = event.text().split('-');
    return { seq: Number(seq), at: Number(event.text()), moved: event.text().split(';').map(readMoved) };
  });
}

function readMoved(text: string): JournalEntry['moved'][number] {
  const [verb, ...ids] = text.split(' ');
  return { verb: verb as JobVerb | 'push', ids: ids.map(plainId) };
}
