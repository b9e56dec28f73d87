/**
 * The embedded store: one SQLite file in a folder, written by one thread, read by two.
 *
 * Folders say in which thread a file runs: main/ writer/ reader/; file/ (what the file looks like) and calls/ (what travels
 * between the threads) run in all. ARCHITECTURE.md has the map.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Millis } from '../../core/duration.ts';
import { HatstandError, messageOf } from '../../core/errors.ts';
import { maxServerId } from '../../core/id.ts';
import type { Durability, Store } from '../../ports/store/store.ts';
import { lockFolder } from './file/lock.ts';
import { makePort } from './main/port.ts';
import { openThreads, type Threads } from './main/threads.ts';

export interface SqliteOptions {
  /** The folder of the data; it is made if it is not there. */
  readonly path: string;
  /** Part of every job id, 0 to 1023. Default 0. */
  readonly serverId?: number | undefined;
  /** `full` (default) survives power loss; `normal` may then lose the newest moments, but nothing in a crash of the process. */
  readonly synchronous?: 'full' | 'normal' | undefined;
  /** Kept free for a full disk, so that running jobs can still be settled. Default 16 MiB; 0: none. */
  readonly ballastBytes?: number | undefined;
  /** The file grows to no more pages of 4 KiB than this. Default: no bound but the disk's. */
  readonly maxPages?: number | undefined;
  /** The file can no longer be trusted, and all further calls are refused; end the process and start it again. */
  readonly onFailure?: ((error: HatstandError) => void) | undefined;
}

export interface SqliteStore extends Store {
  /** For tests: lets the store's clock run ahead. */
  advance(by: Millis): Promise<void>;
}

const defaultBallast = 16 * 1024 * 1024;

/**
 * Opens the folder's store and takes back what earlier processes held. Errors: `store_in_use` when another process has
 * it open, `store_unusable` when it cannot be used at all.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStore> {
  const { serverId = 0, synchronous = 'full' } = options;
  if (!Number.isInteger(serverId) || serverId < 0 || serverId > maxServerId) {
    throw new HatstandError('invalid_config', `serverId must be a whole number from 0 to ${maxServerId}, not ${serverId}.`);
  }
  const folder = resolve(options.path);
  const unlock = prepareFolder(folder);
  try {
    const file = join(folder, 'hatstand.db');
    const threads = await openThreads({
      reader: { file },
      writer: {
        file,
        serverId,
        synced: synchronous === 'full',
        maxPages: options.maxPages ?? null,
        ballastFile: join(folder, 'ballast'),
        ballastBytes: options.ballastBytes ?? defaultBallast,
      },
      onFailure: options.onFailure ?? (() => {}),
    });
    return makeStore(threads, folder, durabilities[synchronous], unlock);
  } catch (error) {
    unlock();
    throw asUnusable(error, folder);
  }
}

const durabilities: Readonly<Record<'full' | 'normal', Durability>> = {
  full: { profile: 'sqlite-full', survives: 'What was acknowledged survives a crash of the process or the system, and a power loss.' },
  normal: {
    profile: 'sqlite-normal',
    survives: 'What was acknowledged survives a crash of the process; a crash of the system or a power loss may take the newest moments.',
  },
};

function makeStore(threads: Threads, location: string, durability: Durability, unlock: () => void): SqliteStore {
  const { clock, ...port } = makePort(threads.call);
  let closed: Promise<void> | undefined;
  return {
    ...port,
    durability,
    warnings: [],
    location,
    shared: false,
    keeper: null,
    onHint: (listener) => threads.onHint(listener),
    advance: clock.advance,
    close() {
      closed ??= threads.close().finally(unlock);
      return closed;
    },
  };
}

/** Makes the folder and locks it. */
function prepareFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
    return lockFolder(folder);
  } catch (error) {
    throw asUnusable(error, folder);
  }
}

function asUnusable(error: unknown, folder: string): HatstandError {
  if (error instanceof HatstandError && error.code !== 'store_unavailable') return error;
  return new HatstandError(
    'store_unusable',
    `The store in ${folder} cannot be opened: ${messageOf(error)}. Check that the folder can be written and its disk has space; ` +
      'if the file is damaged, put a backup in its place.',
    {},
    { cause: error },
  );
}
