import worker from './worker.cjs';

export const { addTask, close, init } = worker;
