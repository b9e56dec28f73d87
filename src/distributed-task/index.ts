/**
 * distributed-task as it is written, on Hatstand: distributors, workers and watchers that share one JSON configuration and a Redis.
 * docs/distributed-task.md tells where the two differ.
 */

export type { DistributedTaskConfig, RedisPlace } from './config.ts';
export * as distributor from './distributor.ts';
export type { GivenTask, Manager, TaskFunction } from './manager.ts';
export type { EventHeard } from './watcher.ts';
export * as watcher from './watcher.ts';
export * as worker from './worker.ts';
