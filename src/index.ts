/**
 * Hatstand as a library: a node inside your own process.
 *
 * ```ts
 * const hatstand = new Hatstand({ store: await openSqlite({ path: './data' }) });
 * hatstand.worker('greet', { concurrency: 4 }, (payload: { name: string }) => `Hello ${payload.name}`);
 * await hatstand.start();
 * const job = await hatstand.push('greet', { name: 'Ada' });
 * console.log((await hatstand.wait(job.id, '5s'))?.result.output);
 * await hatstand.stop();
 * ```
 */

export { type ErrorCode, HatstandError } from './core/errors.ts';
export type { Attempt, Job, JobResult, JobState } from './core/job.ts';
export { PushCutShort } from './engine/api/jobs.ts';
export { Final, type FunctionContext, Skip, type WorkerFunction } from './executors/function.ts';
export { Hatstand, type HatstandOptions, type PushManyOptions, type PushOptions, type WorkerOptions } from './hatstand.ts';
export type { Store } from './ports/store/store.ts';
export { openMemory } from './stores/memory/index.ts';
export { openRedis, type RedisOptions } from './stores/redis/index.ts';
export { openSqlite } from './stores/sqlite/index.ts';
