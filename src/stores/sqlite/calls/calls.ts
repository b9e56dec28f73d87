/** All calls, by noun and verb, and what the store's table of verbs says of each. */
import type { Store, StoreNoun } from '../../../ports/store/store.ts';
import { looks, type Verb } from '../../../ports/store/verb.ts';
import { ranks, type VerbName, verbs } from '../../verbs.ts';
import type { Cell, TapeReader } from '../file/tape.ts';
import type { AnyCall, CallsOf, Handler, Thread } from './call.ts';
import { args, nothing, number } from './codec.ts';
import { definitionCalls } from './definitions.ts';
import { jobCalls } from './jobs.ts';
import { journalCalls } from './journal.ts';
import { limitCalls } from './limits.ts';
import { nodeCalls } from './nodes.ts';
import { queueCalls } from './queues.ts';
import { upkeepCalls } from './upkeep.ts';

const portCalls = {
  jobs: jobCalls,
  queues: queueCalls,
  limits: limitCalls,
  nodes: nodeCalls,
  definitions: definitionCalls,
  journal: journalCalls,
  upkeep: upkeepCalls,
} satisfies { readonly [N in StoreNoun]: CallsOf<Store[N]> };

/** Beside the port: lets tests move the store's clock. */
const clockCalls = {
  advance: { thread: 'writer', args: args(number), answer: nothing },
  step: { thread: 'writer', args: args(number), answer: nothing },
} satisfies Readonly<Record<string, AnyCall>>;
const advancing: Verb = { rank: 'frees', beginsWork: false, needsRoom: false, failpoint: null };

/** Beside the port: ends the lists that were asked for with this signal (signal.ts). */
const searchCalls = {
  end: { thread: 'reader', kind: () => 'ending', args: args(number), answer: nothing },
} satisfies Readonly<Record<string, AnyCall>>;

export const calls = { ...portCalls, clock: clockCalls, searches: searchCalls };
type Calls = typeof calls;

/** What a thread has to do: a handler for each of its calls, by noun and verb. */
type Handlers<T extends Thread> = {
  readonly [N in keyof Calls]: {
    readonly [V in keyof Calls[N] as Calls[N][V] extends { readonly thread: T } ? V : never]: Calls[N][V] extends AnyCall
      ? Handler<Calls[N][V]>
      : never;
  };
};
export type WriterHandlers = Handlers<'writer'>;
export type ReaderHandlers = Handlers<'reader'>;

/** A call as the threads know it. */
export interface NamedCall {
  /** By which messages name it. */
  readonly code: number;
  readonly noun: string;
  readonly method: string;
  /** `noun.method`. */
  readonly name: string;
  readonly verb: Verb;
  /** Calls of a lower rank go first within a batch. */
  readonly rank: number;
  readonly call: AnyCall;
}

const verbRows: Readonly<Record<string, Verb>> = {
  ...verbs,
  ...{ 'clock.advance': advancing, 'clock.step': advancing, 'searches.end': looks },
} satisfies Record<VerbName | 'clock.advance' | 'clock.step' | 'searches.end', Verb>;

/** At the indexes of their codes, which are the same in all threads. */
export const namedCalls: readonly NamedCall[] = Object.entries(calls)
  .flatMap(([noun, those]) => Object.entries<AnyCall>(those).map(([method, call]) => ({ noun, method, call })))
  .map(({ noun, method, call }, code) => {
    const name = `${noun}.${method}`;
    const verb = verbRows[name];
    if (verb === undefined) throw new Error(`there is no row for ${name} in the table of verbs`);
    return { code, noun, method, name, verb, rank: ranks[verb.rank], call };
  });

/** A call beside its handler. */
export interface HandledCall extends NamedCall {
  /** Takes the arguments off the tape and does the call. */
  handle(tape: TapeReader): unknown;
  /** Writes what the handler gave, or what that resolved to. */
  writeAnswer(reply: Cell[], given: unknown): void;
}

/** At the indexes of their codes; those of other threads are left out. */
export function handledCalls(handlers: WriterHandlers | ReaderHandlers): readonly (HandledCall | undefined)[] {
  const byName: Readonly<Record<string, (...asked: readonly unknown[]) => unknown>> = Object.fromEntries(
    Object.entries(handlers).flatMap(([noun, those]) => Object.entries(those).map(([method, handler]) => [`${noun}.${method}`, handler])),
  );
  return namedCalls.map((named) => {
    const handler = byName[named.name];
    const { args, answer } = named.call;
    if (handler === undefined) return undefined;
    return { ...named, handle: (tape) => handler(...args.read(tape)), writeAnswer: (reply, given) => answer.write(reply, given as never) };
  });
}
