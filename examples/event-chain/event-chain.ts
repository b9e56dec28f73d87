// What happens to a document pushes a job, which tells what happened to the next one: an order, its invoice, a mail.
// `node event-chain.ts` runs it.
import { defineWorker, Hatstand, openMemory } from 'hatstand';

interface Order {
  readonly id: string;
  readonly doc: { readonly mail: string; readonly paid: boolean };
}

const hatstand = new Hatstand({ store: openMemory(), log: null });

const invoice = defineWorker({
  name: 'invoice',
  attempts: 3,
  async run({ event }) {
    const { id, doc } = event as Order;
    // With a key it may be told once more, by another attempt, and counts once.
    await hatstand.publish({ type: 'shop.invoices', verb: 'CREATED', id, doc: { mail: doc.mail }, key: `invoice/${id}` });
    return `invoice of order ${id}`;
  },
});
const mail = defineWorker({ name: 'mail', attempts: 3, run: ({ event }) => `mail to ${(event as Order).doc.mail}` });
for (const worker of [invoice, mail]) hatstand.worker(worker);
await hatstand.start();

// Only an update of an order that has changed `paid`.
await hatstand.triggers.add(invoice, { type: '@event', arguments: 'shop.orders:UPDATED:!=:paid', id: 'invoices' });
await hatstand.triggers.add(mail, { type: '@event', arguments: 'shop.invoices:CREATED', id: 'mails' });

// A mail may be on its way before the job that told of its invoice has ended.
const results: string[] = [];
const done = new Promise<void>((resolve) => {
  hatstand.on('succeeded', ({ worker, result }) => {
    if (results.push(`${worker}: ${result}`) === 2) resolve();
  });
});
const order = { type: 'shop.orders', verb: 'UPDATED', id: '7' } as const;
const changed = { old: { mail: 'ada@example.org', paid: false }, doc: { mail: 'ada@example.org', paid: true } };
console.log('would push:', (await hatstand.previewEvent({ ...order, ...changed })).pushes.map(({ trigger }) => trigger).join());

const [told] = await hatstand.publish([
  { ...order, ...changed },
  { ...order, old: changed.doc, doc: changed.doc },
]);
console.log('pushed for the payment:', told?.jobs.length);
await done;
for (const each of results.sort((a, b) => (a < b ? -1 : 1))) console.log(each);
await hatstand.stop();
