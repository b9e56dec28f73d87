/** What is watched of a job or a task, as server-sent events (WHATWG HTML, section 9.2): one piece at a time, as its client takes them. */

import type { Readable } from 'node:stream';
import { HatstandError } from '../../../core/errors.ts';
import type { Job } from '../../../core/job.ts';
import type { LivePlace, LiveText } from '../../../core/live.ts';
import type { Watched } from '../../../engine/api/watch.ts';
import type { Outlet } from '../connections/outlet.ts';
import { blockStream, lines, quiet } from './event-stream.ts';

export const livePlaceText = ({ fence, number }: LivePlace): string => `${fence}.${number}`;

export const livePlacePattern = '^\\d{1,19}\\.\\d{1,15}$';

/** Throws `invalid_cursor`. */
export function readLivePlace(text: string): LivePlace {
  if (!new RegExp(livePlacePattern).test(text)) {
    const message = `Last-Event-ID must be the id of an event that was heard, such as 1771239904134021.7, not ${JSON.stringify(text.slice(0, 80))}.`;
    throw new HatstandError('invalid_cursor', message, { field: 'Last-Event-ID' });
  }
  const [fence = '0', number = '0'] = text.split('.');
  return { fence, number: Number(number) };
}

const isoTime = (millis: number): string => new Date(millis).toISOString();

function stateJson({ id, state, attempt, run, holder, fence, reason, result }: Job, unserved: boolean): string {
  return JSON.stringify({ id, state, unserved, attempt, run, holder, fence, reason, error: result.error });
}

const texts = new WeakMap<LiveText, string>();

/** Made once for all who watch it. */
function toldText(told: LiveText, at: number): string {
  const text = texts.get(told) ?? lines(toldJson(told, at));
  texts.set(told, text);
  return text;
}

/** The texts of what was told go in as they are. */
function toldJson(told: LiveText, at: number): string {
  const head = `{"at":${JSON.stringify(isoTime(at))}`;
  switch (told.kind) {
    case 'progress':
      return `${head},"progress":${told.value}}`;
    case 'line':
      return `${head},"level":"${told.level}","text":${JSON.stringify(told.text)},"fields":${told.fields ?? 'null'}}`;
    case 'event':
      return `${head},"name":${JSON.stringify(told.name)},"data":${told.data ?? 'null'}}`;
  }
}

function blockText(watched: Watched): string {
  if (watched.kind === 'job') return `event: job\ndata: ${lines(stateJson(watched.job, watched.unserved))}\n\n`;
  if (watched.kind === 'task') return `event: task\ndata: ${lines(JSON.stringify(watched.task))}\n\n`;
  if (watched.kind === 'missed') return `event: missed\ndata: {"count":${watched.count}}\n\n`;
  const { told, at, place } = watched;
  const id = place === null ? '' : `id: ${livePlaceText(place)}\n`;
  return `${id}event: ${told.kind}\ndata: ${toldText(told, at)}\n\n`;
}

const still = Buffer.from(': still here\n\n');
/** Nothing more will come, also to who connects again. */
const over = Buffer.from('event: end\ndata: {}\n\n');

export interface WatchStream {
  readonly watched: AsyncGenerator<readonly Watched[], void, undefined>;
  readonly outlet: Outlet;
  /** Aborted: it is cut short. */
  readonly signal: AbortSignal;
  /** Ends what is watched. */
  end(): void;
}

export function watchStream({ watched, outlet, signal, end }: WatchStream): Readable {
  const arrivals = arrivalsOf(watched);
  let isOver = false;

  async function next(): Promise<readonly Buffer[] | null> {
    await outlet.taken();
    if (isOver) return null;
    const answer = await arrivals.next();
    if (answer === null) return [still];
    if (answer.done === true) {
      isOver = true;
      return signal.aborted ? null : [over];
    }
    const piece = Buffer.from(answer.value.map(blockText).join(''));
    if (!outlet.fits([piece])) throw new HatstandError('overloaded', 'Too much waits for those who watch slowly.');
    return [piece];
  }

  return blockStream(next, () => {
    arrivals.end();
    end();
  });
}

type Arrival = IteratorResult<readonly Watched[], void>;

interface Arrivals {
  /** What comes next; `null`: nothing has for a while. */
  next(): Promise<Arrival | null>;
  end(): void;
}

type Waiting = PromiseWithResolvers<Arrival | null>;

/** One timer for all that comes: thousands may watch what comes often. */
function arrivalsOf(watched: WatchStream['watched']): Arrivals {
  let waiting: Waiting | null = null;
  let isAsked = false;
  /** Gives what has come while nobody waited. */
  let come: ((to: Waiting) => void) | null = null;
  const quietly = setTimeout(() => give((to) => to.resolve(null)), quiet);
  quietly.unref();

  /** Answers whether somebody waited. */
  function give(how: (to: Waiting) => void): boolean {
    const to = waiting;
    waiting = null;
    if (to !== null) how(to);
    return to !== null;
  }

  function arrived(how: (to: Waiting) => void): void {
    isAsked = false;
    if (!give(how)) come = how;
  }

  function ask(): void {
    isAsked = true;
    watched.next().then(
      (arrival) => arrived((to) => to.resolve(arrival)),
      (error: unknown) => arrived((to) => to.reject(error)),
    );
  }

  return {
    next() {
      quietly.refresh();
      const to: Waiting = Promise.withResolvers();
      waiting = to;
      const before = come;
      come = null;
      if (before !== null) give(before);
      else if (!isAsked) ask();
      return to.promise;
    },
    end: () => clearTimeout(quietly),
  };
}
