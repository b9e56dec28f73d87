/** The store's threads: one writer, and two readers that start when they are first needed. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import type { JobId } from '../../../core/id.ts';
import type { Hint } from '../../../ports/store/store.ts';
import { readyHint } from '../../ready-hint.ts';
import type { Unreadable } from '../../set-aside.ts';
import { settlesWithin } from '../../thread.ts';
import type { NamedCall } from '../calls/calls.ts';
import { told } from '../calls/message.ts';
import type { ReaderData, WriterData } from '../calls/opening.ts';
import { ownFiles } from '../file/own-files.ts';
import type { TapeReader } from '../file/tape.ts';
import { type Caller, type CallerOptions, makeCaller } from './caller.ts';
import { openThreadClient, type ThreadClient } from './thread-client.ts';

export interface Threads {
  /**
   * Takes the call to the thread that does it.
   *
   * @param args those of the port's method
   */
  call(named: NamedCall, args: readonly unknown[]): Promise<unknown>;
  onHint(listener: (hint: Hint) => void): () => void;
  /** The listener hears of records that could not be read, and are in no answer. There is one. */
  onUnreadable(listener: (records: readonly Unreadable[]) => void): void;
  close(): Promise<void>;
}

export interface ThreadsOptions {
  readonly writer: WriterData;
  onFailure(error: HatstandError): void;
}

type Bounds = Omit<CallerOptions, 'onUnreadable'>;

const batchBounds = { maxCalls: 250, maxSize: 4 * 1024 * 1024 };
/** Calls that are written when they have waited; many enough do not wait. */
const writing: Bounds = { ...batchBounds, baseSize: 0, maxInFlight: 1, fairCalls: 64, maxFullInFlight: 4 };
/** About how many bytes the answer to a read takes; records differ widely, and this bounds how many travel together. */
const readSize = 64 * 1024;
const reading: Bounds = { ...batchBounds, baseSize: readSize, maxInFlight: 1, fairCalls: batchBounds.maxCalls, maxFullInFlight: 1 };
/** Each travels alone, and further ones than so many wait. */
const alone = (most: number): Bounds => ({ ...reading, maxCalls: 1, maxInFlight: most, fairCalls: 1, maxFullInFlight: most });

/** Which reader does it, and how its calls travel; each kind travels on its own. */
const readers = {
  pages: { page: reading, longPage: reading },
  searches: { search: alone(8), patternSearch: alone(64), ending: reading },
} as const;

export async function openThreads(options: ThreadsOptions): Promise<Threads> {
  const listeners = new Set<(hint: Hint) => void>();
  let hear: (records: readonly Unreadable[]) => void = () => {};
  const onUnreadable = (records: readonly Unreadable[]): void => hear(records);
  const readRest = (tape: TapeReader, ended: readonly JobId[]): void => {
    for (const hint of readHints(tape, ended)) for (const listener of [...listeners]) listener(hint);
  };
  const onFailure = (error: HatstandError): void => {
    writer.fail(error);
    options.onFailure(error);
  };
  const client = await openThreadClient({ entry: 'writer', data: options.writer, onFailure });
  const writer = makeCaller(client, { ...writing, readRest, onUnreadable });
  const { file } = options.writer;
  const seen: ReaderData = { file, files: ownFiles(file) };
  const pages = lazyReader(seen, readers.pages, onUnreadable);
  const searches = lazyReader(seen, readers.searches, onUnreadable);

  const read = async (named: NamedCall, args: readonly unknown[]): Promise<unknown> => {
    const kind = named.call.kind?.(...(args as never)) ?? 'page';
    const caller = kind === 'page' || kind === 'longPage' ? (await pages.open())[kind] : (await searches.open())[kind];
    return caller.call(named, args);
  };

  return {
    call: (named, args) => (named.call.thread === 'writer' ? writer.call(named, args) : read(named, args)),
    onHint(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onUnreadable(listener) {
      hear = listener;
    },
    async close() {
      try {
        await Promise.all([pages.close(), searches.close(), drains(writer)]);
      } finally {
        await client.close();
      }
    },
  };
}

/** Calls of a thread that hangs never end: closing it gives them up. */
const drainWithin: Millis = 10_000;

const drains = (caller: Caller): Promise<boolean> => settlesWithin(caller.drained(), drainWithin);

type Callers<Kind extends string> = Readonly<Record<Kind, Caller>>;

interface LazyReader<Kind extends string> {
  open(): Promise<Callers<Kind>>;
  close(): Promise<void>;
}

interface OpenReader<Kind extends string> {
  readonly client: ThreadClient;
  readonly callers: Callers<Kind>;
}

function lazyReader<Kind extends string>(
  data: ReaderData,
  options: Readonly<Record<Kind, Bounds>>,
  onUnreadable: CallerOptions['onUnreadable'],
): LazyReader<Kind> {
  let opened: Promise<OpenReader<Kind>> | null = null;
  let closed = false;
  const openNow = async (): Promise<OpenReader<Kind>> => {
    const onFailure = (error: HatstandError): void => {
      // The next read starts another thread.
      opened = null;
      for (const caller of Object.values<Caller>(callers)) caller.fail(error);
    };
    const client = await openThreadClient({ entry: 'reader', data, onFailure });
    const made = Object.entries<Bounds>(options).map(([kind, each]) => [kind, makeCaller(client, { ...each, onUnreadable })]);
    const callers = Object.fromEntries(made) as Callers<Kind>;
    return { client, callers };
  };
  const start = (): Promise<OpenReader<Kind>> => {
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
      return (await opened).callers;
    },
    async close() {
      closed = true;
      // One that could not start has nothing to close; whoever asked it was told.
      const open = await opened?.catch(() => null);
      if (open === null || open === undefined) return;
      await Promise.all(Object.values<Caller>(open.callers).map(drains));
      await open.client.close();
    },
  };
}

/** @param ended jobs that the answers have told of already */
function readHints(tape: TapeReader, ended: readonly JobId[]): Hint[] {
  const rest = told.read(tape);
  const ready = readyHint(new Set(rest.ready), rest.readyAnyway);
  const hints: Hint[] = ready === null ? [] : [ready];
  for (const holder of rest.inboxes) hints.push({ kind: 'inbox', holder });
  if (rest.defined) hints.push({ kind: 'defined' });
  if (rest.told) hints.push({ kind: 'told' });
  const ids = [...ended, ...rest.ended];
  if (ids.length > 0) hints.push({ kind: 'ended', ids });
  return hints;
}
