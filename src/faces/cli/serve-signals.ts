/** SIGINT, SIGTERM and SIGHUP (a closed terminal) stop the server, a second one ends it at once; SIGUSR1 opens the log files anew. */
import { constants } from 'node:os';
import type { Server } from '../../compose.ts';
import { messageOf } from '../../core/errors.ts';
import type { Log } from '../../system/log.ts';
import { note } from './terminal.ts';

const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A terminal signals the whole process group, and npm and other starters pass the same signal on: that is one. */
const oneWithin = 500;

export function stopOnSignals(server: Server, log: Log, shutdownTimeout: number): void {
  let first: number | null = null;

  function stop(signal: (typeof stopping)[number]): void {
    const now = performance.now();
    if (first !== null) {
      if (now - first > oneWithin) process.exit(128 + constants.signals[signal]);
      return;
    }
    first = now;
    log.logger.info('server.stopping', { signal, shutdown_timeout: shutdownTimeout });
    if (process.stderr.isTTY) note(`Stopping; running jobs get ${shutdownTimeout} s to end. Press Ctrl-C again to end at once.`);
    // What goes wrong here also ends server.done, which is waited for.
    server.stop().catch((error: unknown) => log.logger.error('server.not_stopped', { error: messageOf(error) }));
  }

  for (const signal of stopping) process.on(signal, stop);
  process.on('SIGUSR1', () => log.reopen());
}
