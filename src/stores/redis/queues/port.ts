/** The queues of the store's port. */
import { messageOf } from '../../../core/errors.ts';
import { jobStates } from '../../../core/job.ts';
import { openQueue, type QueueRecord, type QueueSettings, type StateCounts } from '../../../core/queue.ts';
import { unreadableId } from '../../../core/unreadable.ts';
import type { QueueStore } from '../../../ports/store/queues.ts';
import type { Found } from '../../set-aside.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { readCounts } from '../format/counts.ts';
import { asList, asText } from '../format/reply-reader.ts';
import { numberOf, textOf, wordOf } from '../format/words.ts';
import type { Calls } from '../frame/calls.ts';
import { changeWords, readSettings } from './settings.ts';

/** @param found hears of settings that cannot be read */
export function makeQueuePort(calls: Calls, found: Found): QueueStore {
  return {
    list: () => calls.look('queues.list', [], (reply) => readQueues(reply, found), true),
    configure(queue, change) {
      const write = (args: Argument[]): string => {
        args.push(...changeWords(change));
        return wordOf(queue);
      };
      return calls.step('queues.configure', {}, write, (reply) => readSettings(asText(reply)));
    },
  };
}

const noCounts = Object.fromEntries(jobStates.map((state) => [state, 0])) as StateCounts;

const sum = (a: StateCounts, b: StateCounts): StateCounts =>
  Object.fromEntries(jobStates.map((state) => [state, a[state] + b[state]])) as StateCounts;

const longer = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

/** Nobody knows what was meant: nothing of the queue starts. */
function settingsOr(text: string, tell: (reason: string) => void): QueueSettings {
  try {
    return readSettings(text);
  } catch (error) {
    tell(messageOf(error));
    return { ...openQueue, paused: true };
  }
}

/** A queue is there as long as it has jobs or settings that are not an open queue's. */
function readQueues(reply: Reply, found: Found): readonly QueueRecord[] {
  const reader = asList(reply);
  const queues = new Map<string, QueueRecord>();
  const queueNamed = (name: string): QueueRecord => queues.get(name) ?? { name, ...openQueue, counts: noCounts, oldestWaiting: null };
  reader.list().rest((each) => {
    const name = textOf(each.text());
    queues.set(name, { ...queueNamed(name), ...settingsOr(each.text(), (reason) => found({ id: unreadableId('queue', name), reason })) });
  });
  const [lines, waits] = [reader.list(), reader.list()];
  lines.rest((each) => {
    const name = textOf(each.text().split('/')[1] ?? '');
    const queue = queueNamed(name);
    const counts = sum(queue.counts, readCounts(each.text()));
    queues.set(name, { ...queue, counts, oldestWaiting: longer(queue.oldestWaiting, numberOf(waits.text())) });
  });
  return [...queues.values()];
}
