// Many mails, and one report when all of them have ended, whichever way. `node batch.ts` runs it.
import { defineWorker, Final, Hatstand, openMemory } from 'hatstand';

const hatstand = new Hatstand({ store: openMemory(), log: null });

/** Takes only what has the form of an address. */
const mail = defineWorker<{ to: string }>({
  name: 'mail',
  attempts: 2,
  run({ message: { to } }) {
    if (!to.includes('@')) throw new Final(`${to} is no address`);
    return `sent to ${to}`;
  },
});
/** Without a message of its own it is told by its context how the batch ended. */
const report = defineWorker({
  name: 'report',
  run({ batch }) {
    if (batch === undefined || !('on' in batch)) throw new Final('it was not pushed for the end of a batch');
    return `${batch.id}: ${batch.succeeded} of ${batch.total} sent, ${batch.failed} failed`;
  },
});
for (const worker of [mail, report]) hatstand.worker(worker);
const reported = new Promise<unknown>((resolve) => {
  hatstand.on('succeeded', ({ worker, result }) => {
    if (worker === 'report') resolve(result);
  });
});

const { job } = hatstand.batches;
const people = ['ada@example.org', 'nobody', 'grace@example.org'];
const letter = { id: 'letter-42', jobs: people.map((to) => job(mail, { to })), on: { ended: job(report) } };
console.log('pushed:', (await hatstand.batches.add(letter)).jobs.length);
// Once more, as after an answer that was lost: it is the same batch, and nothing is pushed twice.
console.log('still:', (await hatstand.batches.add(letter)).total);

await hatstand.start();
console.log(await reported);
const { status, callbacks } = (await hatstand.batches.get('letter-42')) ?? {};
console.log(status, callbacks?.length);
await hatstand.stop();
