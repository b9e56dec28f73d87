/**
 * The embedded store: one SQLite file in a folder, written by one thread, read by two.
 *
 * Folders say in which thread a file runs: main/ writer/ reader/; file/ (what the file looks like) and calls/ (what travels
 * between the threads) run in all. ARCHITECTURE.md has the map.
 */
import { join, resolve } from 'node:path';
import type { Millis } from '../../core/duration.ts';
import { HatstandError, messageOf } from '../../core/errors.ts';
import { maxServerId } from '../../core/id.ts';
import type { Durability, Store } from '../../ports/store/store.ts';
import { makeSettingAside } from '../set-aside.ts';
import { type Home, prepareHome } from './file/home.ts';
import { type Lock, lockFolder } from './file/lock.ts';
import { makePort } from './main/port.ts';
import { makeSearches } from './main/searches.ts';
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
  /**
   * Closes it and removes the files that the opening made: for a start that failed before anybody could keep anything. A
   * database that was there before stays.
   */
  abandon(): Promise<void>;
  /** For tests: lets the store's clock run ahead. */
  advance(by: Millis): Promise<void>;
  /** For tests: lets the wall clock step. */
  step(by: Millis): Promise<void>;
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
  const path = resolve(options.path);
  const hold = holdPath(path);
  const { home } = hold;
  try {
    const threads = await openThreads({
      writer: {
        file: home.file,
        name: home.name,
        lock: { inode: hold.inode, isNew: hold.isNew },
        serverId,
        synced: synchronous === 'full',
        maxPages: options.maxPages ?? null,
        ballastFile: join(home.folder, 'ballast'),
        ballastBytes: options.ballastBytes ?? defaultBallast,
      },
      onFailure: options.onFailure ?? (() => {}),
    });
    hold.sign();
    return makeStore(threads, path, durabilities[synchronous], hold, home.warnings());
  } catch (error) {
    hold.abandon();
    throw unlessTold(error, `The store in ${path} cannot be opened`, openingAdvice);
  }
}

const openingAdvice = 'Check that the folder can be written and its disk has space; if the file is damaged, put a backup in its place.';

/** This process's hold on the folder. */
interface Hold extends Pick<Lock, 'inode' | 'isNew' | 'sign'> {
  readonly home: Home;
  /** The store was closed. */
  letGo(): void;
  /** Nothing was kept: what the opening made is removed too. */
  abandon(): void;
}

function holdPath(path: string): Hold {
  try {
    return holdHome(prepareHome(path));
  } catch (error) {
    throw unlessTold(error, `${path} cannot hold the store`, 'Name a folder that can be made and written.');
  }
}

function holdHome(home: Home): Hold {
  try {
    const lock = lockFolder(home.folder);
    const makes = home.isNew();
    return {
      home,
      ...{ inode: lock.inode, isNew: lock.isNew, sign: lock.sign },
      letGo: () => lock.release(false),
      abandon() {
        if (makes && lock.isInPlace()) home.clear();
        lock.release(true);
        home.leave();
      },
    };
  } catch (error) {
    home.leave();
    throw error;
  }
}

const durabilities: Readonly<Record<'full' | 'normal', Durability>> = {
  full: { profile: 'sqlite-full', survives: 'What was acknowledged survives a crash of the process or the system, and a power loss.' },
  normal: {
    profile: 'sqlite-normal',
    survives: 'What was acknowledged survives a crash of the process; a crash of the system or a power loss may take the newest moments.',
  },
};

function makeStore(threads: Threads, location: string, durability: Durability, hold: Hold, warnings: readonly string[]): SqliteStore {
  const port = makePort(threads.call);
  const { jobs, queues, limits, nodes, definitions, journal, upkeep, clock } = port;
  const searches = makeSearches(port);
  const aside = makeSettingAside(upkeep);
  threads.onUnreadable((records) => records.forEach(aside.found));
  let closed: Promise<void> | undefined;
  const close = (letGo: () => void): Promise<void> => {
    searches.close();
    closed ??= threads.close().finally(letGo);
    return closed;
  };
  return {
    jobs: { ...jobs, list: searches.list },
    ...{ queues, limits, nodes, definitions, journal, upkeep: aside.upkeep },
    durability,
    warnings,
    location,
    reachedFrom: null,
    shared: false,
    keeper: null,
    onHint: (listener) => threads.onHint(listener),
    advance: clock.advance,
    step: clock.step,
    close: () => close(hold.letGo),
    abandon: () => close(hold.abandon),
  };
}

/** As it is when it explains itself. */
function unlessTold(error: unknown, what: string, advice: string): HatstandError {
  if (error instanceof HatstandError && error.code !== 'store_unavailable') return error;
  return new HatstandError('store_unusable', `${what}: ${messageOf(error)}. ${advice}`, {}, { cause: error });
}
