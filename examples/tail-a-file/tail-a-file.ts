// A task without an end: it follows a file, counts its lines, and tells who watches of those with errors. Stopped and started again, it
// goes on behind the last line that it has kept. `node tail-a-file.ts <file>` follows a file of yours.
import { appendFile, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { defineTask, Hatstand, openSqlite } from 'hatstand';

interface Place {
  readonly bytes: number;
  readonly lines: number;
}

const tail = defineTask<{ file: string }>({
  name: 'tail',
  async run({ message, signal, resumeFrom, checkpoint, update, emit }) {
    let { bytes, lines } = (resumeFrom ?? { bytes: 0, lines: 0 }) as Place;
    const file = await open(message.file);
    const buffer = Buffer.alloc(64 * 1024);
    try {
      while (!signal.aborted) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
        const whole = bytesRead === 0 ? 0 : buffer.lastIndexOf(10, bytesRead - 1) + 1; // up to the last line that has ended
        for (const line of buffer.toString('utf8', 0, whole).split('\n').slice(0, -1)) {
          lines += 1;
          if (line.includes('ERROR')) emit('error', { number: lines, line });
        }
        if (whole > 0) {
          bytes += whole;
          await checkpoint({ bytes, lines } satisfies Place);
          update({ lines });
        } else await pause(50, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await file.close();
    }
  },
});

const folder = await mkdtemp(join(tmpdir(), 'hatstand-tail-'));
const [given] = process.argv.slice(2);
const file = given ?? join(folder, 'app.log');
if (given === undefined) await appendFile(file, 'started\nERROR the disk is slow\n');

/** One life of the program: it follows the file until so many errors were seen. */
async function live(errors: number): Promise<void> {
  const hatstand = new Hatstand({ store: await openSqlite({ path: join(folder, 'data') }), log: null });
  hatstand.worker(tail);
  // Who asks twice for a task of one id has one.
  await hatstand.tasks.start(tail, { file }, { id: 'app-log' }).catch((error) => {
    if (error.code !== 'conflict') throw error;
  });
  const watched = hatstand.watch({ task: 'app-log' });
  const first = watched.next(); // it watches from before it runs
  await hatstand.start();
  await first;
  for await (const told of watched) {
    if (told.kind === 'job' && told.job.state === 'failed') console.error(told.job.error);
    if (told.kind !== 'event') continue;
    const { number, line } = told.data as { number: number; line: string };
    console.log(`line ${number}: ${line}`);
    if (--errors === 0) break;
  }
  await hatstand.stop();
}

if (given !== undefined) await live(Number.POSITIVE_INFINITY);
else {
  await live(1);
  await appendFile(file, 'working\nworking\nERROR the disk is full\n'); // while nobody follows it
  await live(1);
}
await rm(folder, { recursive: true });
