import all from './index.cjs';

export const { distributor, watcher, worker } = all;
