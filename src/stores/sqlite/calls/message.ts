/**
 * Messages between the threads. A request is its number and calls: of each its code, the number of its cells and these. The
 * answer is that number and what became of the request, then of each call whether it was refused, and its answer or refusal.
 * Behind those of the calls the writer's answers carry hints.
 */
import { type ErrorCode, errorTable, HatstandError } from '../../../core/errors.ts';
import { refusalOf } from '../file/faults.ts';
import type { Cell } from '../file/tape.ts';
import { type Codec, fields, flag, json, list, text } from './codec.ts';

/** `null` ends the thread. */
export type Message = readonly Cell[] | null;

/** The second cell of every answer. */
export const answerCodes = { answered: 0, failed: 1 } as const;
/** The number of the answer that tells that the thread is open; requests count from 1. */
export const openingRequest = 0;

/** The first cell of a call's answer. `postponed`: the answers before it fill the message; it is to be asked again. */
export const replyCodes = { done: 0, refused: 1, postponed: 2 } as const;

const errorFields = fields({ code: text, message: text, details: json<HatstandError['details']>() });

/** An error that the caller gets. */
export const refusal: Codec<HatstandError> = {
  write: errorFields.write,
  read(tape) {
    const { code, message, details } = errorFields.read(tape);
    return new HatstandError(code in errorTable ? (code as ErrorCode) : 'internal', message, details);
  },
};

/** What a call answers whose handler threw. */
export function refuse(reply: Cell[], error: unknown): void {
  reply.push(replyCodes.refused);
  refusal.write(reply, refusalOf(error));
}

/** What is told beside the answers. */
export interface Told {
  /** Workers of which there is something to claim. */
  readonly ready: readonly string[];
  /** Of any worker there may be something. */
  readonly readyAnyway: boolean;
  /** Holders with new messages. */
  readonly inboxes: readonly string[];
  /** A definition was put or removed, or is due sooner than it was. */
  readonly defined: boolean;
  /** Events were published. */
  readonly told: boolean;
  /** Jobs that have ended, beside those whose own answers tell it. */
  readonly ended: readonly string[];
}

export const told: Codec<Told> = fields({
  ready: list(text),
  readyAnyway: flag,
  inboxes: list(text),
  defined: flag,
  told: flag,
  ended: list(text),
});
