import type { Logger } from '../ports/logger.ts';

const nothing = (): void => undefined;

/** Logs nothing. */
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
