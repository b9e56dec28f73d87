import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { hasEnded } from '../../core/job.ts';
import type { Client, Job } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { idsOf, withIds } from './ids.ts';
import { duration } from './option-values.ts';
import { makePersistence, type Persistence } from './persistence.ts';
import { makeProgress } from './progress.ts';
import { note, paint, plain, printLine } from './terminal.ts';
import { runningTime } from './times.ts';

interface WaitOptions extends ClientOptions {
  /** Milliseconds. */
  readonly timeout?: number;
}

/** What the command that waits knows of them. */
export interface Waiting {
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly json?: boolean | undefined;
  /** Whether the server has answered this command before. */
  readonly met?: boolean;
  /** Ends the waiting, which then throws. */
  readonly signal?: AbortSignal;
  onEnd?(id: string): void;
}

/** Exit codes of their own: nothing went wrong with the command itself. */
const someFailed = 7;
const timedOut = 124;
/** Jobs asked for at once, and how long one question may take. */
const atOnce = 32;
const perQuestion = 30_000;

export function addWait(program: Command): void {
  const command = withIds(
    program
      .command('wait')
      .description('wait until jobs have ended; exit with 7 when one did not succeed, with 124 when the time is up')
      .option('--timeout <duration>', 'wait no longer, such as 30s or 5m', duration),
  );
  const examples = ['hatstand wait 109192606348480512 --timeout 5m', 'hatstand push - < jobs.ndjson | hatstand wait -'];
  askingServer(command, examples, 'each job on a line as it ends, as `GET /v1/jobs/<id>/wait` has it').action(
    async (ids: readonly string[], options: WaitOptions) => {
      await waitForJobs(clientOf(options), idsOf(ids), options);
      // When the time is up, more may still come from it.
      if (ids.includes('-')) process.stdin.destroy();
    },
  );
}

/** Prints each job as it ends and sets the exit code. Outlasts a server that is away. Throws for an id that is unknown. */
export async function waitForJobs(client: Client, ids: AsyncIterable<string> | readonly string[], options: Waiting): Promise<void> {
  const until = performance.now() + (options.timeout ?? Number.POSITIVE_INFINITY);
  const progress = makeProgress({
    done: 'ended',
    part: () => (Array.isArray(ids) ? ended / ids.length : null),
    bar: process.stderr.isTTY && !process.stdout.isTTY,
    write: (line) => process.stderr.write(line),
  });
  const over = new AbortController();
  const signal = options.signal === undefined ? over.signal : AbortSignal.any([over.signal, options.signal]);
  const persist = makePersistence({
    until,
    met: options.met === true,
    signal,
    onFault: (fault) => note(`${fault.message.replace(/\s+/g, ' ')} Asking again until it answers.`),
  });
  const timeUp = options.timeout === undefined ? never : sleep(options.timeout, null, { ref: false, signal }).catch(() => null);
  const waiting = one(ids);
  let { met = false } = options;
  let isCut = false;
  let asked = 0;
  let ended = 0;
  let failed = 0;

  async function waitInTurn(): Promise<void> {
    for (;;) {
      const next = await Promise.race([waiting.next(), timeUp]);
      isCut ||= next === null;
      if (next === null || next.done === true) return;
      asked += 1;
      // The first question is answered at once: so a wrong address is told, and a server that goes away later is known to have been there.
      const first = met ? null : await persist(() => client.jobs.wait(next.value, 0, signal));
      met = true;
      const job = first !== null && hasEnded(first.state) ? first : await endOf(client, next.value, until, persist, signal);
      if (job === null) continue;
      ended += 1;
      if (job.state !== 'succeeded') failed += 1;
      options.onEnd?.(job.id);
      await printLine(options.json === true ? JSON.stringify(job) : lineOf(job));
      progress.add(1);
    }
  }

  try {
    await Promise.all(Array.from({ length: atOnce }, waitInTurn));
  } finally {
    // One that fails ends the command; the questions about the others would keep it until they are answered.
    over.abort();
    progress.end();
  }
  if (failed > 0) process.exitCode = someFailed;
  if (ended < asked || isCut) {
    note(`error: ${asked - ended} of ${asked} jobs had not ended in time${isCut ? ', and more ids may come' : ''}`);
    process.exitCode = timedOut;
  }
}

const never = new Promise<null>(() => undefined);

/** Several may take the next one from it at once. */
async function* one<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void> {
  yield* items;
}

/** `null`: not in time. */
async function endOf(client: Client, id: string, until: number, persist: Persistence, signal: AbortSignal): Promise<Job | null> {
  for (;;) {
    const job = await persist(() => {
      const left = Math.max(0, Math.min(until - performance.now(), perQuestion));
      return client.jobs.wait(id, left, signal);
    });
    if (job === null || hasEnded(job.state)) return job;
    if (performance.now() >= until) return null;
  }
}

const colours = { succeeded: 'green', failed: 'red', canceled: 'gray' } as const;

function lineOf(job: Job): string {
  const colour = hasEnded(job.state) ? colours[job.state] : 'dim';
  const why = job.state === 'failed' ? [plain(job.error.replace(/[\r\n]+/g, ' ')) || `status ${job.statusCode ?? 'unknown'}`] : [];
  return [job.id, paint(colour, job.state), runningTime(job.startedAt, job.endedAt, Date.now()), ...why].join('  ').trimEnd();
}
