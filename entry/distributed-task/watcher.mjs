import watcher from './watcher.cjs';

export const { close, init, subscribe, task, tasks, unsubscribe } = watcher;
