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
  /** Jobs that were there already, and queues that were configured otherwise; they stay as they are. */
  readonly existed: number;
  /** Queues that now have the settings of their lines. */
  readonly queues: number;
  readonly failed: number;
  /** The first 100 refused lines, counted from 1. */
  readonly faults: readonly { readonly line: number; readonly code: string; readonly detail: string }[];
}

export interface Upkeep {
  /** Compares what the store knows twice, and repairs it: a part of about a second. `null` begins. */
  examine(cursor: string | null): Promise<Examined>;
  /** All jobs and queue settings as NDJSON, in pieces. The last line is of the kind `end`. */
  export(): AsyncIterable<Uint8Array>;
  /** Lines of an export, at most 10,000. Repeating them is harmless. */
  import(lines: readonly string[]): Promise<Imported>;
}

export function makeUpkeep(connection: Connection): Upkeep {
  return {
    examine: (cursor) => connection.json({ method: 'POST', path: `/v1/doctor${query({ cursor: cursor ?? undefined })}` }),
    export: () => connection.pieces({ method: 'GET', path: '/v1/export' }),
    import: (lines) =>
      connection.json({ method: 'POST', path: '/v1/import', body: `${lines.join('\n')}\n`, contentType: 'application/x-ndjson' }),
  };
}
