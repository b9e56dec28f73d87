import distributor from './distributor.cjs';

export const { close, init } = distributor;
