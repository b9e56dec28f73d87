/**
 * What two linked nodes say of what attempts tell live: one asks the other to watch a job of which it runs an attempt, and then for each piece,
 * so that nothing is sent to who does not take it.
 */
import type { JobId } from './id.ts';
import type { LivePiece, LivePlace } from './live.ts';

export type LiveMessage =
  /** `watch`: a number that the asker has given to nothing else. */
  | { readonly live: 'watch'; readonly watch: number; readonly id: JobId; readonly after: LivePlace | null }
  | { readonly live: 'take' | 'end'; readonly watch: number }
  | { readonly live: 'piece'; readonly watch: number; readonly piece: LivePiece };

/** `null`: it is none. The peer has proven to be of the cluster; its version may be another. */
export function readLiveMessage(message: unknown): LiveMessage | null {
  if (!isRecord(message) || typeof message['watch'] !== 'number') return null;
  const { live, watch, id, after, piece } = message;
  switch (live) {
    case 'take':
    case 'end':
      return { live, watch };
    case 'watch':
      return typeof id === 'string' && (after === null || isPlace(after)) ? { live, watch, id, after } : null;
    case 'piece':
      return isPiece(piece) ? { live, watch, piece } : null;
    default:
      return null;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isPlace = (value: unknown): value is LivePlace =>
  isRecord(value) && typeof value['fence'] === 'string' && /^\d{1,19}$/.test(value['fence']) && Number.isSafeInteger(value['number']);

const isPiece = (value: unknown): value is LivePiece =>
  isRecord(value) &&
  Array.isArray(value['events']) &&
  isPlace(value['place']) &&
  (value['missed'] === null || typeof value['missed'] === 'number') &&
  typeof value['isOver'] === 'boolean';
