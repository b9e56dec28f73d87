/** The child's side of a side: it answers calls of its parent (side.ts), one at a time. */
import type { Call, Timed } from './side.ts';

/** What a contestant can be asked; each answers a value that can be sent. */
export type Abilities = Readonly<Record<string, (...args: readonly number[]) => Promise<unknown>>>;

/** Serves until the parent lets go. `open` gets what the parent started it with. */
export async function contestant(open: (setting: string) => Promise<Abilities>): Promise<void> {
  const abilities = await open(process.argv[2] ?? '');
  process.on('message', (call: Call) => {
    answer(abilities, call).then(
      (reply) => process.send?.(reply),
      (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.('ready');
}

async function answer(abilities: Abilities, { ability, args }: Call): Promise<unknown> {
  const call = abilities[ability];
  if (call === undefined) throw new Error(`it has no ability ${ability}`);
  return await call(...args);
}

/** Does the work and answers what it took. */
export async function timed(work: () => Promise<unknown>): Promise<Timed> {
  const before = process.cpuUsage();
  const since = performance.now();
  await work();
  const millis = performance.now() - since;
  const { user, system } = process.cpuUsage(before);
  return { millis, cpuMicros: user + system };
}
