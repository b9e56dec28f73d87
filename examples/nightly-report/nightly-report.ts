// A report on each working day at half past eight in Berlin, whatever its clocks do.
// `node nightly-report.ts` runs it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorker, Hatstand, openSqlite, type WorkerContext } from 'hatstand';

const report = defineWorker({
  name: 'report',
  attempts: 3,
  backoff: '10ms',
  run: ({ message, triggerId }: WorkerContext<{ of: string }>) => `${triggerId}: all of ${message.of}`,
});

const folder = await mkdtemp(join(tmpdir(), 'hatstand-report-'));
const hatstand = new Hatstand({ store: await openSqlite({ path: folder }), log: null });
hatstand.worker(report);
await hatstand.start();

const when = { type: '@cron', arguments: '30 8 * * MON-FRI', timeZone: 'Europe/Berlin' } as const;
// Its message is checked by the compiler, and when the trigger is added. A run that goes on keeps the next one from beginning.
await hatstand.triggers.add(report, { ...when, id: 'nightly', message: { of: 'yesterday' }, overlap: 'skip', missed: 'last' });

// Half past eight is 07:30 in UTC, and 06:30 once the clocks have gone forward.
const preview = await hatstand.triggers.preview({ ...when, from: '2025-03-27T12:00:00Z', count: 3 });
for (const time of preview.next) console.log(new Date(time).toISOString());

// Now, as somebody asks for it.
const job = await hatstand.triggers.launch('nightly');
if (job !== null) console.log((await hatstand.wait(job))?.result);

// Two days on which nobody was there.
const days = { from: '2025-03-27T00:00:00Z', to: '2025-03-29T00:00:00Z' };
console.log('made up for:', (await hatstand.triggers.backfill('nightly', days))?.jobs.length);

const trigger = await hatstand.triggers.get('nightly');
console.log(trigger?.status, trigger?.timeZone, trigger?.launched?.job === job?.id);

await hatstand.stop();
await rm(folder, { recursive: true });
