/**
 * What a running attempt tells whoever watches it: how far it is, lines of its log, and events of its own. Its node keeps the newest of it in
 * memory, and nothing of it is kept for good but what reports keep (core/report.ts).
 */
import { HatstandError } from './errors.ts';
import type { LogText } from './report.ts';

export type LiveText =
  /** JSON text. */
  | { readonly kind: 'progress'; readonly value: string }
  /** `line`: its number in the log (core/report.ts). */
  | ({ readonly kind: 'line'; readonly line: number } & LogText)
  /** `data` is JSON text; `null`: none. */
  | { readonly kind: 'event'; readonly name: string; readonly data: string | null };

/** Where a live event stands: in the order of the fences of its job's attempts, and then of the numbers. */
export interface LivePlace {
  readonly fence: string;
  /** Among all that the attempt has told, from 1. */
  readonly number: number;
}

export interface LiveEvent extends LivePlace {
  /** In Unix milliseconds of its node's clock. */
  readonly at: number;
  readonly told: LiveText;
}

/** What the attempts of a job have told at one node, in a piece. */
export interface LivePiece {
  readonly events: readonly LiveEvent[];
  /** Behind which the next piece begins. */
  readonly place: LivePlace;
  /** How many before these are not there any more; `null`: it is not known. */
  readonly missed: number | null;
  /** No attempt of the job runs there now. */
  readonly isOver: boolean;
}

export const liveLimits = {
  /** Of one job: its newest. */
  events: 1_000,
  characters: 1024 * 1024,
  /** Of all jobs of a node together. */
  nodeCharacters: 64 * 1024 * 1024,
  name: 128,
  data: 64 * 1024,
  /** In one piece, beyond one event. */
  pieceCharacters: 64 * 1024,
  /** How long a node keeps what attempts told after the last has ended, in milliseconds. */
  keptAfterEnd: 10_000,
} as const;

const plainSize = 64;

export function sizeOfLive({ told }: LiveEvent): number {
  switch (told.kind) {
    case 'progress':
      return plainSize + told.value.length;
    case 'line':
      return plainSize + told.text.length + (told.fields?.length ?? 0);
    case 'event':
      return plainSize + told.name.length + (told.data?.length ?? 0);
  }
}

/** What an event of `emit` may be called. */
export const liveName = /^[A-Za-z0-9._:-]{1,128}$/;

/** Throws `invalid_request`, `too_large`. */
export function checkLiveEvent(name: string, data: string | null): void {
  if (typeof name !== 'string' || !liveName.test(name)) {
    const expected = `1 to ${liveLimits.name} letters, digits, dots, dashes, colons or underscores`;
    throw new HatstandError('invalid_request', `The name of an event must be ${expected}.`, { field: 'name' });
  }
  if (data !== null && data.length > liveLimits.data) {
    throw new HatstandError(
      'too_large',
      `The data of an event may have ${liveLimits.data} characters of JSON, these have ${data.length}.`,
      {
        field: 'data',
        limit: liveLimits.data,
      },
    );
  }
}
