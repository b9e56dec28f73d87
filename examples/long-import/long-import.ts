// A long import, with a progress bar for whoever watches it. `node long-import.ts` serves it at port 19900 and pushes one;
// `hatstand watch <its id>` in another terminal shows how far it is. Here the bar is drawn by a program that uses the client.
import { defineWorker, Hatstand, openMemory } from 'hatstand';
import { makeClient } from 'hatstand/client';

const [port = '19900', pause = '100'] = process.argv.slice(2); // milliseconds for a row: 20 s in all

const importRows = defineWorker<{ rows: number }>({
  name: 'import',
  async run({ message, progress, logger, emit }) {
    for (let row = 1; row <= message.rows; row++) {
      await new Promise((resolve) => setTimeout(resolve, Number(pause))); // a row's work
      if (row % 50 === 0) logger.info('rows are kept', { row });
      if (row === 77) emit('skipped', { row });
      progress({ done: row, of: message.rows });
    }
  },
});

const hatstand = new Hatstand({ store: openMemory(), log: null });
hatstand.worker(importRows);
await hatstand.start();
const { address } = await hatstand.listen({ port: Number(port) });
const { id } = await hatstand.push(importRows, { rows: 200 });
console.log(`hatstand watch ${id} -a ${address}`);

const width = 20;
let drawn = -1;
for await (const told of makeClient({ address }).watch(id)) {
  if (told.kind === 'progress') {
    const { done, of } = told.progress as { done: number; of: number };
    const full = Math.floor((width * done) / of);
    if (full > drawn) console.log(`${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.round((100 * done) / of)} %`);
    drawn = Math.max(drawn, full);
  }
  if (told.kind === 'line') console.log(told.text, told.fields);
  if (told.kind === 'event') console.log(told.name, told.data);
  if (told.kind === 'job') console.log(told.state);
}
await hatstand.stop();
