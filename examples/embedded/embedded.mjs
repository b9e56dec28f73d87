// A node inside your own process: functions are the workers, one file keeps the jobs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hatstand, openSqlite, Skip } from 'hatstand';

const folder = await mkdtemp(join(tmpdir(), 'hatstand-example-'));
const hatstand = new Hatstand({ store: await openSqlite({ path: folder }) });

const greet = hatstand.worker('greet', ({ name }) => `Hello ${name}`);

// The first attempt fails; the second one, some 60 ms later, succeeds.
const flaky = hatstand.worker('flaky', { attempts: 3 }, (_, { job }) => {
  if (job.attempt === 1) throw new Error('not yet');
  return { attempt: job.attempt };
});

const tidy = hatstand.worker('tidy', () => {
  throw new Skip('nothing to tidy');
});

hatstand.on('retrying', ({ worker, error }) => console.log(`${worker}: ${error}, tried again`));

await hatstand.start();
const jobs = [await greet.push({ name: 'Ada' }), await flaky.push(), await tidy.push(null, { delay: '100ms' })];
for (const pushed of jobs) {
  const { worker, state, result, error } = await hatstand.wait(pushed);
  console.log(`${worker}: ${state}`, result ?? error);
}

const { jobs: failed } = await hatstand.list('state:failed created:<1h');
console.log(`${failed.length} failed`);
await hatstand.stop();
await rm(folder, { recursive: true });
