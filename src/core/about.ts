/** Why a job was pushed, and how it is to be run: what its record has as `about`, which stores never read. */

export interface About {
  /** Of a trigger: the time for which it fired, as RFC 3339 has it. */
  readonly tick?: string;
  /** It was pushed for a tick of the past, by somebody who asked for that. */
  readonly backfill?: true;
  /** What happened, of a trigger of events. */
  readonly event?: unknown;
  /** Of an event that Hatstand told: how many jobs one after the other led to this one, each pushed for what became of the one before. */
  readonly depth?: number;
  /** The message of its trigger, where the payload is what came from outside. */
  readonly message?: unknown;
  /** Its payload was gathered: how much came, and how much of it did not fit. */
  readonly gathered?: { readonly count: number; readonly dropped: number };
}

export const writeAbout = (about: About): string => JSON.stringify(about);
