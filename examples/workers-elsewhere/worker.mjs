// A worker in a process of its own, which gets its jobs from a server over HTTP; worker.py is its twin.
// `node worker.mjs` runs it, HATSTAND_ADDRESS and HATSTAND_TOKEN say where the server is.
import { setTimeout as sleep } from 'node:timers/promises';
import { defineWorker, Final, makeClient } from 'hatstand/client';

const client = makeClient({
  address: process.env.HATSTAND_ADDRESS ?? 'http://127.0.0.1:19900',
  token: process.env.HATSTAND_TOKEN ?? null,
});

// The same that a Hatstand serves by `hatstand.worker(countWords)`, with all its hooks.
const countWords = defineWorker({
  name: 'count-words',
  run({ message, logger }) {
    const words = message.text.split(/\s+/).filter(Boolean);
    logger.info('counted', { words: words.length });
    return { words: words.length, longest: words.reduce((longest, word) => (word.length > longest.length ? word : longest), '') };
  },
});

/** Takes as many steps as it is told, and ends when somebody cancels its job. */
async function nap({ steps }, { progress, signal }) {
  for (let step = 0; step < steps; step++) {
    progress({ done: step, of: steps });
    await sleep(100, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw new Final('it was told to stop');
  }
  return { slept: steps };
}

const workers = [client.worker(countWords, { concurrency: 4 }), client.worker('nap', { concurrency: 4 }, nap)];

const stop = () => void Promise.all(workers.map((worker) => worker.stop()));
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
console.log(`asks ${client.address} for jobs`);
await Promise.all(workers.map(({ ended }) => ended));
