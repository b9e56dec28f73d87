/** The store of a server: examined, written out and filled. */
import { type Connection, query } from './connection.ts';

export interface Examined {
  /** Records and entries of indexes that were looked at. */
  readonly checked: number;
  /** What was found wrong and put right, by kind. */
  readonly repaired: Readonly<Record<string, number>>;
  /** Told by the first part. */
  readonly warnings: readonly string[];
  /** The cursor of the next part. */
  readonly next: string | null;
}

export interface Imported {
  readonly restored: number;
  /** Jobs that were there already; they stay as they are. */
  readonly existed: number;
  /** Queues that now have the settings of their lines. */
  readonly queues: number;
  /** Limits that are now as their lines have them. */
  readonly limits: number;
  /** Limits that are others there; they stay as they are. */
  readonly limitsKept: number;
  /** Definitions that were taken in. */
  readonly definitions: number;
  /** Definitions that were there already; they stay as they are. */
  readonly definitionsKept: number;
  /** Queues that have settings of their own there, other than those of their lines; they stay as they are. */
  readonly queuesKept: number;
  /** The first 100 of them. */
  readonly queuesKeptNames: readonly string[];
  readonly failed: number;
  /** The first 100 refused lines, counted from 1. */
  readonly faults: readonly { readonly line: number; readonly code: string; readonly detail: string }[];
}

export interface Upkeep {
  /** Compares what the store knows twice, and repairs it: a part of about a second. `null` begins. */
  examine(cursor: string | null): Promise<Examined>;
  /**
   * All jobs, definitions and queue settings as NDJSON, in pieces. The last line is of the kind `end`.
   *
   * @param secrets of headers and addresses; what is hidden is not imported. Default: shown
   */
  export(secrets?: 'shown' | 'hidden'): AsyncIterable<Uint8Array>;
  /** Lines of an export, at most 10,000. Repeating them is harmless. */
  import(lines: readonly string[]): Promise<Imported>;
}

export function makeUpkeep(connection: Connection): Upkeep {
  return {
    examine: (cursor) => connection.json({ method: 'POST', path: `/v1/doctor${query({ cursor: cursor ?? undefined })}` }),
    export: (secrets = 'shown') => connection.pieces({ method: 'GET', path: `/v1/export${query({ secrets })}` }),
    async import(lines) {
      const body = `${lines.join('\n')}\n`;
      const answer = await connection.json<Imported>({ method: 'POST', path: '/v1/import', body, contentType: 'application/x-ndjson' });
      // An older server leaves these out, and counts such queues as jobs.
      return { ...{ limits: 0, limitsKept: 0, definitions: 0, definitionsKept: 0, queuesKept: 0, queuesKeptNames: [] }, ...answer };
    },
  };
}
