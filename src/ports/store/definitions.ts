/** Definitions: put, followed by version, looked at when due, and fired. */
import type { Decision, Definition, DefinitionKey, DefinitionKind, Part } from '../../core/definition.ts';
import type { Millis } from '../../core/duration.ts';
import type { JobId } from '../../core/id.ts';
import type { AttemptRef } from '../../core/job.ts';
import type { DefinitionCopy } from '../../core/transfer.ts';
import type { PutOffReason } from '../../core/window.ts';
import { adds, looks, type Verbs } from './verb.ts';

export interface DefinitionPut extends DefinitionKey {
  readonly group: string;
  /** JSON text; `null` removes it: its group, due time and window go, what its jobs did stays until the definition is swept. */
  readonly body: string | null;
  /** `null` leaves it as it is; `''` for one that was not there, or was removed. */
  readonly state: string | null;
  /** `now`: somebody is to look at it at once; `never`: nobody is to, by itself; `same`: as it is, never for a new one. */
  readonly due: 'now' | 'never' | 'same';
  readonly dueOnEnd: boolean;
  /** What the journal tells of it, in few words: what became of it. Not given: nothing. */
  readonly note?: string | undefined;
  /** The version that it must have; `0`: there must be none, or a removed one; `null`: whatever it has. */
  readonly if: number | null;
}

export type Put =
  /** The new versions, in order. */
  | { readonly kind: 'put'; readonly versions: readonly number[] }
  /** Nothing was put: `at` is the first whose `if` did not hold, `version` what it has; `0`: there is none. */
  | { readonly kind: 'stale'; readonly at: number; readonly version: number }
  /** Nothing was put: the attempt is not held any more. */
  | { readonly kind: 'lost' };

/** A place in the order of domains and keys, compared by their UTF-8 bytes. */
export type DefinitionPlace = Pick<DefinitionKey, 'domain' | 'key'>;

/** Removed ones are answered `by: 'version'` alone. */
export type DefinitionQuery =
  /** Those that there are, in this order. */
  | { readonly by: 'keys'; readonly keys: readonly DefinitionKey[] }
  /** In the order of domains and keys. `domain`, `group`: these alone; `null`: all. `from`: inclusive; `null`: from the first. */
  | {
      readonly by: 'place';
      readonly kind: DefinitionKind;
      readonly domain: string | null;
      readonly group: string | null;
      readonly from: DefinitionPlace | null;
      readonly limit: number;
    }
  /** Those put or removed after a version, in the order of their versions; of all groups, since removed ones are in none. */
  | {
      readonly by: 'version';
      readonly kind: DefinitionKind;
      readonly after: number;
      readonly limit: number;
      /** The one whose newest version is asked for as well. */
      readonly group?: string | undefined;
    };

/** Those of a group of a domain. `limit`: more are not counted. */
export interface DefinitionCount {
  readonly kind: DefinitionKind;
  readonly domain: string;
  /** Not `''`. */
  readonly group: string;
  readonly limit: number;
}

export interface DefinitionPage {
  /** At most `limit`, and no more than about a megabyte of bodies; one at least when there is any. */
  readonly definitions: readonly Definition[];
  /** By place: where the next page begins. By version: `null`, go on after the last version. */
  readonly next: DefinitionPlace | null;
  /** The newest version of the kind; 0: there was none yet. By keys: 0. */
  readonly newest: number;
  /**
   * By version, of the group that was named: the newest version with which a definition entered it, changed in it, or left it;
   * 0: none did. Else 0.
   */
  readonly newestOfGroup: number;
  /**
   * By version: `false` when removed ones that came after `after` are swept already. Who has followed from there must begin
   * anew, from 0, and forget what does not come again. Else `true`.
   */
  readonly complete: boolean;
  /** By version: there are more after the last one. By place: whether there is a next page. */
  readonly more: boolean;
}

export interface Due {
  /** The store's present, in Unix milliseconds: what ticks are computed from. */
  readonly now: number;
  /** Those due longest first. */
  readonly definitions: readonly Definition[];
  /** How long until the next one has been due for `behind`; 0: there are more now; `null`: none will be by itself. */
  readonly nextIn: Millis | null;
}

/** A definition that was due, and what is decided about it. Both guards are for equality: no older and no newer one will do. */
export interface Firing extends DefinitionKey, Decision {
  readonly version: number;
  /** Its `dueAt` (core/definition.ts) when that was decided. */
  readonly tick: number;
  /** Why it was put off when it was fired before: the journal tells the same reason once. `null`: it was not, or nobody knows. */
  readonly knownPutOff: PutOffReason | null;
}

export type Fired =
  | { readonly kind: 'fired'; readonly ids: readonly JobId[] }
  /**
   * Earlier jobs were in the way: none was pushed, all else was done. Of a firing that would have collected a window, the
   * window stays and closes as soon as a job of the definition ends.
   */
  | { readonly kind: 'overlap' }
  /**
   * `replace`: more earlier jobs than one step cancels (core/window.ts `replacedAtOnce`) were not told to stop yet. So many are by now,
   * nothing else was done: it is due still.
   */
  | { readonly kind: 'replacing' }
  /** A queue or a limit does not take its jobs now: nothing was done, but that it is put off (core/window.ts `putOff`). */
  | { readonly kind: 'putOff'; readonly reason: PutOffReason }
  /** Nothing was done: version or tick is another one by now. */
  | { readonly kind: 'lost' };

export interface DefinitionStore {
  /** All or none. `by`: an attempt that must still be held, running or stopping. Hints `defined`. */
  put(puts: readonly DefinitionPut[], by?: AttemptRef): Promise<Put>;
  list(query: DefinitionQuery): Promise<DefinitionPage>;
  /** How many there are, none of which is read. */
  count(asked: DefinitionCount): Promise<number>;
  /** Of these kinds, at most `limit` that have been due for at least `behind`, and no more than about a megabyte of bodies. */
  due(kinds: readonly DefinitionKind[], limit: number, behind: Millis): Promise<Due>;
  /**
   * Each firing is all or nothing for itself, and they are done in order: its jobs, its next due time, its state, its line in
   * the journal. `replace` cancels the earlier jobs in the same step, unless they are too many; those that run are told to stop.
   */
  fire(firings: readonly Firing[]): Promise<readonly Fired[]>;
  /**
   * Adds parts to windows, each for itself; what is repeated is added twice. An open window makes its definition due when it closes, if that is sooner.
   * `missing`: there is no such definition. `journal.publish` does the same beside telling events.
   */
  gather(parts: readonly Part[]): Promise<readonly ('gathered' | 'dropped' | 'missing')[]>;
  /** What its window has gathered, in the order in which it came. */
  parts(key: DefinitionKey): Promise<readonly string[]>;
  /**
   * Takes in definitions as they were elsewhere, under new versions. One that is here is left as it is. Of what their jobs
   * did, the newest stays: what the copy tells, or what jobs tell that are here already; of one that is here the copy tells
   * nothing. One call is one step.
   */
  restore(copies: readonly DefinitionCopy[]): Promise<readonly ('restored' | 'exists')[]>;
}

export const definitionRows: Verbs<DefinitionStore> = {
  put: adds(),
  list: looks,
  count: looks,
  due: looks,
  fire: adds(),
  gather: adds(),
  parts: looks,
  restore: adds(),
};
