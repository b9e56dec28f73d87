// A worker that is declared by itself: its messages are typed and checked, its failures are tried again, its hooks frame the work.
// `node typed-worker.ts` runs it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineWorker, Hatstand, makeContext, openSqlite, type StandardSchema } from 'hatstand';

/** With zod: `z.object({ to: z.email(), copies: z.number().default(1) })`; any library that follows Standard Schema will do. */
const letter: StandardSchema<{ to: string; copies?: number }, { to: string; copies: number }> = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate(value) {
      const { to, copies = 1 } = { ...(value as { to?: unknown; copies?: unknown }) };
      if (typeof to !== 'string' || !to.includes('@')) return { issues: [{ message: 'must be an address', path: ['to'] }] };
      if (typeof copies !== 'number') return { issues: [{ message: 'must be a number', path: ['copies'] }] };
      return { value: { to, copies } };
    },
  },
};

export const sendLetter = defineWorker({
  name: 'send-letter',
  input: letter,
  attempts: 3,
  backoff: '10ms',
  totalTimeout: '1m',
  init: () => console.log('the post office opens'),
  // Whoever lives here needs no letter.
  beforeHook: ({ message }) => !message.to.endsWith('@home.example'),
  start: (context) => context.withCookie({ sent: 0 }),
  run({ message, attempt, cookie, noRetry }) {
    if (message.to.startsWith('nobody@')) {
      noRetry();
      throw new Error('no such person');
    }
    if (attempt === 1) throw new Error('the road is closed');
    cookie.sent = message.copies;
    return { sent: message.copies, attempt };
  },
  commit: ({ message, cookie }, error) =>
    console.log(error === null ? `${message.to}: ${cookie.sent} sent` : `${message.to}: not sent, ${(error as Error).message}`),
});

// A worker's functions can be tried alone.
const alone = makeContext(sendLetter, { message: { to: 'ada@example.org', copies: 1 }, attempt: 2 });
console.log(`alone: attempt ${alone.attempt} for ${alone.message.to}`);

const folder = await mkdtemp(join(tmpdir(), 'hatstand-typed-'));
const hatstand = new Hatstand({ store: await openSqlite({ path: folder }), log: null });
hatstand.worker(sendLetter);
await hatstand.start();

const job = await hatstand.push(sendLetter, { to: 'ada@example.org', copies: 2 }); // what does not fit is an error of the compiler
console.log('kept as pushed:', job.payload);
const ended = await hatstand.wait(job);
console.log(ended?.state, ended?.result);

const unknown = await hatstand.push(sendLetter, { to: 'nobody@example.org' });
console.log((await hatstand.wait(unknown))?.state);

console.log((await hatstand.push(sendLetter, { to: 'me@home.example' })).reason);

const refused = await hatstand.push(sendLetter, { to: 'somewhere' }).catch((error: unknown) => error);
console.log((refused as Error).message);

await hatstand.stop();
await rm(folder, { recursive: true });
