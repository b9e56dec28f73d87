/**
 * Many who watch one job, in a process of their own: `watch-crowd.ts <url> <how many>`. Every second one of them reads, the others take
 * nothing. Told once all have asked.
 */
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const [url = '', count = ''] = process.argv.slice(2);

function follow(reads: boolean): void {
  const request = get(url, { agent: false }, (response) => {
    response.on('error', () => undefined);
    if (reads) response.resume();
    else response.pause();
  });
  request.on('error', () => undefined);
}

process.once('disconnect', () => process.exit());
for (let n = 0; n < Number(count); n++) {
  follow(n % 2 === 0);
  if (n % 100 === 99) await pause(50);
}
process.send?.('all');
