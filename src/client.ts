/**
 * `hatstand/client`: a server asked over HTTP, and workers that run in this process and get their jobs from it. Needs the platform's
 * `fetch`, and of Node's modules what other runtimes have too.
 *
 * ```ts
 * const client = makeClient({ address: 'http://127.0.0.1:19900' });
 * const worker = client.worker('resize', async (image: { url: string }, { progress }) => …);
 * process.once('SIGTERM', () => worker.stop());
 * await worker.ended;
 * ```
 */
import { type Client as Asking, type ConnectionOptions, makeClient as makeAsking } from './faces/client/client.ts';
import { Workers } from './library/elsewhere-workers.ts';

export { Abort, BadTrigger, Final, Skip } from './executors/function-fault.ts';
export * from './faces/client/client.ts';
export type { InitContext, WorkerDeclaration } from './library/define.ts';
export { defineTask, type TaskContext, type TaskDeclaration } from './library/define-task.ts';
export { defineWorker } from './library/defined.ts';
export type { TaskDefinition, WorkerDefinition } from './library/definition.ts';
export type { ElsewhereOptions } from './library/elsewhere-options.ts';
export type { RunningWorker } from './library/elsewhere-workers.ts';
export type { Duration, PushOptions } from './library/options.ts';
export type { FunctionContext, WorkerContext, WorkerFunction } from './library/worker.ts';
export type { Logger } from './ports/logger.ts';

export interface Client extends Asking, Pick<Workers, 'worker' | 'push' | 'wait'> {}

/** Throws `invalid_request` for an address that is none. Connects when something is asked. */
export function makeClient(options: ConnectionOptions = {}): Client {
  const client = makeAsking(options);
  const workers = new Workers(client);
  const { worker, push, wait } = workers;
  return { ...client, worker, push, wait };
}
