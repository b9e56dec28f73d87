/**
 * A call: one verb of the port on its way to the thread that does it. It is declared once, with both halves of the encoding
 * of its arguments and of its answer; their outer sides are the port's types, and the thread's handler has to take and give
 * their inner ones. So the compiler refuses a call that one side lacks, or encodes otherwise than the other.
 */
import type { JobId } from '../../../core/id.ts';
import type { Cell, TapeReader } from '../file/tape.ts';
import type { Codec } from './codec.ts';

export type Thread = 'writer' | 'reader';
/**
 * A page is answered soon, a long one a little later; a search may have to look far, and one for patterns may take as long as they do.
 * No kind waits for another.
 */
export type ReadKind = 'page' | 'longPage' | 'search' | 'patternSearch' | 'ending';

/**
 * `Args` and `Answer` are the port's, on the main thread. `Asked` and `Given` are what the handler takes and gives: often
 * the same, or a form that saves work, such as rows in place of jobs.
 */
export interface Call<Args extends readonly unknown[], Asked extends readonly unknown[], Given, Answer> {
  readonly thread: Thread;
  readonly args: Codec<Args, Asked>;
  readonly answer: AnswerCodec<Args, Given, Answer>;
  /** About how many bytes it takes beyond what every call takes. Default 0. */
  readonly size?: (...args: Args) => number;
  /** Of a call that only looks. Default: a page, which is answered soon. */
  readonly kind?: (...args: Args) => ReadKind;
}

export interface AnswerCodec<Args, Given, Answer> {
  readonly write: (cells: Cell[], given: Given) => void;
  /** @param ended tells of a job that has ended by the call, when the answer shows it */
  readonly read: (tape: TapeReader, args: Args, ended: (id: JobId) => void) => Answer;
}

/** Any call, of which nothing but its shape is known. */
export type AnyCall = Call<never, readonly unknown[], never, unknown>;

/** The calls of a noun whose outer sides are those of its part of the port. */
export type CallsOf<Noun> = {
  readonly [V in keyof Noun]: Noun[V] extends (...args: infer A) => Promise<infer R>
    ? Call<Readonly<A>, readonly unknown[], never, R>
    : never;
};

/** The part of the port that calls make on the main thread. */
export type PortOf<C extends Readonly<Record<string, AnyCall>>> = {
  readonly [V in keyof C]: (...args: Parameters<C[V]['args']['write']>[1]) => Promise<ReturnType<C[V]['answer']['read']>>;
};

type GivenOf<C extends AnyCall> = Parameters<C['answer']['write']>[1];

/** What does a call in its thread. The writer works within a transaction and never waits. */
export type Handler<C extends AnyCall> = (
  ...asked: ReturnType<C['args']['read']>
) => C['thread'] extends 'reader' ? GivenOf<C> | Promise<GivenOf<C>> : GivenOf<C>;
