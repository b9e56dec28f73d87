/** The store's threads: one writer, and two readers that start when they are first needed. */
import { HatstandError } from '../../core/errors.ts';
import type { JobId } from '../../core/id.ts';
import type { JobQuery } from '../../ports/store/jobs.ts';
import type { Hint } from '../../ports/store/store.ts';
import { type CallName, codeOf, rankOf } from './calls.ts';
import { Coalescer, type CoalescerOptions } from './coalescer.ts';
import { type Link, openLink } from './link.ts';
import { isLongLook } from './list.ts';
import { type ReadName, readCodeOf } from './reads.ts';
import type { Cell, TapeReader } from './tape.ts';
import type { WriterData } from './writer.ts';

export interface Threads {
  write<T>(name: CallName, size: number, write: (cells: Cell[]) => void, read: (tape: TapeReader) => T): Promise<T>;
  read<T>(name: ReadName, write: (cells: Cell[]) => void, read: (tape: TapeReader) => T): Promise<T>;
  /** A look at many records goes to a thread of its own. */
  list<T>(query: JobQuery, read: (tape: TapeReader) => T): Promise<T>;
  /** A job has ended by a call whose answer is being read. */
  ended(id: JobId): void;
  onHint(listener: (hint: Hint) => void): () => void;
  close(): Promise<void>;
}

export interface ThreadsOptions {
  readonly file: string;
  readonly writer: WriterData;
  onFailure(error: HatstandError): void;
}

const maxCalls = 250;
const fairCalls = 64;
const maxFullInFlight = 4;
const maxSize = 4 * 1024 * 1024;
/** About how many bytes the answer to a read takes; records differ widely, and this bounds how many travel together. */
const readSize = 64 * 1024;
/** Further long looks wait. */
const looksAtOnce = 8;

export async function openThreads(options: ThreadsOptions): Promise<Threads> {
  const listeners = new Set<(hint: Hint) => void>();
  let ended: JobId[] = [];
  const onRest = (tape: TapeReader): void => {
    const hints = readHints(tape, ended);
    ended = [];
    for (const hint of hints) for (const listener of [...listeners]) listener(hint);
  };
  const onFailure = (error: HatstandError): void => {
    writer.fail(error);
    options.onFailure(error);
  };
  const link = await openLink({ entry: 'writer', data: options.writer, youngMegabytes: 6, onFailure });
  const writer: Coalescer<CallName> = new Coalescer(link, {
    codeOf,
    rankOf,
    maxCalls,
    maxSize,
    maxInFlight: 1,
    fairCalls,
    maxFullInFlight,
    onRest,
  });
  const pages = lazyReader(options.file, { maxCalls, maxInFlight: 1, fairCalls: maxCalls, maxFullInFlight: 1 });
  const looks = lazyReader(options.file, { maxCalls: 1, maxInFlight: looksAtOnce, fairCalls: 1, maxFullInFlight: looksAtOnce });

  return {
    write: (name, size, write, read) => writer.call(name, size, write, read),
    read: async (name, write, read) => (await pages.open()).call(name, readSize, write, read),
    async list(query, read) {
      const reader = await (isLongLook(query) ? looks : pages).open();
      return reader.call('list', readSize, (cells) => cells.push(JSON.stringify(query)), read);
    },
    ended: (id) => void ended.push(id),
    onHint(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      try {
        await Promise.all([pages.close(), looks.close(), writer.drained()]);
      } finally {
        await link.close();
      }
    },
  };
}

interface LazyReader {
  open(): Promise<Coalescer<ReadName>>;
  close(): Promise<void>;
}

interface OpenReader {
  readonly link: Link;
  readonly reader: Coalescer<ReadName>;
}

function lazyReader(
  file: string,
  bounds: Pick<CoalescerOptions<ReadName>, 'maxCalls' | 'maxInFlight' | 'fairCalls' | 'maxFullInFlight'>,
): LazyReader {
  let opened: Promise<OpenReader> | null = null;
  let closed = false;
  const openNow = async (): Promise<OpenReader> => {
    const onFailure = (error: HatstandError): void => {
      // The next read starts another thread.
      opened = null;
      reader.fail(error);
    };
    const link = await openLink({ entry: 'reader', data: { file }, youngMegabytes: 6, onFailure });
    const reader: Coalescer<ReadName> = new Coalescer(link, { codeOf: readCodeOf, rankOf: () => 0, maxSize, ...bounds });
    return { link, reader };
  };
  const start = (): Promise<OpenReader> => {
    const starting = openNow();
    starting.catch(() => {
      opened = null;
    });
    return starting;
  };
  return {
    async open() {
      if (closed) throw new HatstandError('store_unavailable', 'The store is closed.');
      opened ??= start();
      return (await opened).reader;
    },
    async close() {
      closed = true;
      // One that could not start has nothing to close; whoever asked it was told.
      const open = await opened?.catch(() => null);
      await open?.reader.drained();
      await open?.link.close();
    },
  };
}

/** What `Journal.writeHints` wrote, and what the answers told already. */
function readHints(tape: TapeReader, ended: readonly JobId[]): Hint[] {
  const hints: Hint[] = tape.flag() ? [{ kind: 'ready' }] : [];
  for (const holder of tape.list(() => tape.text())) hints.push({ kind: 'inbox', holder });
  const ids = [...ended, ...tape.list(() => tape.text())];
  if (ids.length > 0) hints.push({ kind: 'ended', ids });
  return hints;
}
