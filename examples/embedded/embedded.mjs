// A node inside your own process: functions are the workers, one file keeps the jobs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hatstand, openSqlite, Skip } from 'hatstand';

const folder = await mkdtemp(join(tmpdir(), 'hatstand-example-'));
const hatstand = new Hatstand({ store: await openSqlite({ path: folder }) });

hatstand.worker('greet', { concurrency: 4 }, ({ name }) => `Hello ${name}`);

// The first attempt fails; the second one, some 60 ms later, succeeds.
hatstand.worker('flaky', { attempts: 3 }, (_, { job }) => {
  if (job.attempt === 1) throw new Error('not yet');
  return `done at attempt ${job.attempt}`;
});

hatstand.worker('tidy', {}, () => {
  throw new Skip('nothing to tidy');
});

await hatstand.start();
const jobs = [
  await hatstand.push('greet', { name: 'Ada' }),
  await hatstand.push('flaky', null),
  await hatstand.push('tidy', null, { delay: '100ms' }),
];
for (const { id, worker } of jobs) {
  const job = await hatstand.wait(id, '10s');
  console.log(`${worker}: ${job.state} ${job.result.output || job.result.error}`);
}
await hatstand.stop();
await rm(folder, { recursive: true });
