/** What is watched of a job or a task, as server-sent events (WHATWG HTML, section 9.2): one piece at a time, as its client takes them. */

import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { HatstandError } from '../../../core/errors.ts';
import type { Job } from '../../../core/job.ts';
import type { LivePlace, LiveText } from '../../../core/live.ts';
import type { Watched } from '../../../engine/api/watch.ts';
import type { Outlet } from '../connections/outlet.ts';
import { blockStream, lines, quiet } from './event-stream.ts';

export const livePlaceText = ({ fence, number }: LivePlace): string => `${fence}.${number}`;

/** @param text as the schema has it */
export function readLivePlace(text: string): LivePlace {
  const [fence = '0', number = '0'] = text.split('.');
  return { fence, number: Number(number) };
}

const isoTime = (millis: number): string => new Date(millis).toISOString();

function stateJson({ id, state, attempt, run, holder, fence, reason, result }: Job): string {
  return JSON.stringify({ id, state, attempt, run, holder, fence, reason, error: result.error });
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
  if (watched.kind === 'job') return `event: job\ndata: ${lines(stateJson(watched.job))}\n\n`;
  if (watched.kind === 'missed') return `event: missed\ndata: {"count":${watched.count}}\n\n`;
  const { told, at, place } = watched;
  const id = place === null ? '' : `id: ${livePlaceText(place)}\n`;
  return `${id}event: ${told.kind}\ndata: ${lines(toldJson(told, at))}\n\n`;
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
  let isOver = false;
  /** Asked for, and not there yet. */
  let asked: Promise<IteratorResult<readonly Watched[], void>> | null = null;

  async function next(): Promise<readonly Buffer[] | null> {
    await outlet.taken();
    if (isOver) return null;
    asked ??= watched.next();
    const waiting = new AbortController();
    const answer = await Promise.race([asked, pause(quiet, null, { ref: false, signal: waiting.signal }).catch(() => null)]);
    waiting.abort();
    if (answer === null) return [still];
    asked = null;
    if (answer.done === true) {
      isOver = true;
      return signal.aborted ? null : [over];
    }
    const piece = Buffer.from(answer.value.map(blockText).join(''));
    if (!outlet.fits([piece])) throw new HatstandError('overloaded', 'Too much waits for those who watch slowly.');
    return [piece];
  }

  return blockStream(next, end);
}
