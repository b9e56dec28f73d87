// Calls of a webhook that come within a moment become one job, and no call that was answered with 202 is lost.
// `node debounced-webhook.ts` runs it.
import { defineWorker, Hatstand, openMemory } from 'hatstand';

interface Calls {
  readonly payloads: readonly { readonly page: string }[];
}

const rebuild = defineWorker({
  name: 'rebuild',
  // What was sent is the payload; the trigger's message stands beside it.
  run: ({ message, payload }) => ({ ...(message as object), pages: (payload as Calls).payloads.map(({ page }) => page) }),
});

const hatstand = new Hatstand({ store: openMemory(), log: null });
hatstand.worker(rebuild);
await hatstand.start();
const { address } = await hatstand.listen({ port: 0 });

const ended = new Promise<unknown>((resolve) => hatstand.on('succeeded', ({ result }) => resolve(result)));
const trigger = await hatstand.triggers.add(rebuild, {
  ...{ type: '@webhook', id: 'pages', message: { site: 'blog' } },
  // Each call puts the job off, but not for longer than two seconds after the first.
  debounce: { wait: '300ms', maxWait: '2s' },
});

// Whoever knows the address may call it: nobody guesses it.
for (const page of ['home', 'about', 'news']) {
  const answer = await fetch(`${address}${trigger.webhook}`, { method: 'POST', body: JSON.stringify({ page }) });
  console.log(answer.status, ((await answer.json()) as { kind: string }).kind);
}
console.log('gathered:', (await hatstand.triggers.get('pages'))?.window?.count);
console.log(await ended);
await hatstand.stop();
