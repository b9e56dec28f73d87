/** What a connection may cost, and all of them together. `docs/install.md` tells them to operators. */
import type { Millis } from '../../../core/duration.ts';

export interface ConnectionLimits {
  /** Further ones are told to come back, and ended. */
  readonly connections: number;
  /** For the head of a request, from the first byte of the connection or of the request on. */
  readonly headersTimeout: Millis;
  /** For the whole request. */
  readonly requestTimeout: Millis;
  /** A client that takes nothing of what waits for it for this long is cut off. */
  readonly stalled: Millis;
  /** After the last answer: how long more bytes are waited for, how long they are read and thrown away, and how many. */
  readonly lingering: { readonly silent: Millis; readonly most: Millis; readonly bytes: number };
  /** While the server stops: for the rest of a request that has begun to come; in the place of `lingering`; how often is looked. */
  readonly stopping: {
    readonly receiving: Millis;
    readonly lingering: { readonly silent: Millis; readonly most: Millis };
    readonly lookEvery: Millis;
  };
  /** Of large answers that wait for their readers, in all connections together. */
  readonly answerBytes: number;
  /** Of large bodies that are received or worked on, in all connections together. */
  readonly bodyBytes: number;
}

export const connectionLimits: ConnectionLimits = {
  connections: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  stalled: 30_000,
  lingering: { silent: 2_000, most: 30_000, bytes: 64 * 1024 * 1024 },
  stopping: { receiving: 1_000, lingering: { silent: 300, most: 500 }, lookEvery: 100 },
  answerBytes: 32 * 1024 * 1024,
  bodyBytes: 64 * 1024 * 1024,
};

/** How often is looked whether one of these times is over. */
export const lookEvery: Millis = 1_000;
