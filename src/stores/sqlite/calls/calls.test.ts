/** That both sides of a call mean the same: what one writes the other reads, and the compiler refuses what does not fit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureCauses } from '../../../core/cause.ts';
import { type EndState, endStates, type JobResult, jobStates, jobVerbs, type NewJob } from '../../../core/job.ts';
import type { Move, Moves } from '../../../core/transitions.ts';
import type { NodeStore } from '../../../ports/store/nodes.ts';
import type { QueueStore } from '../../../ports/store/queues.ts';
import { verbs } from '../../verbs.ts';
import { readHeaders, readOptions } from '../file/rows/options.ts';
import { type Cell, TapeReader } from '../file/tape.ts';
import type { CallsOf, Handler } from './call.ts';
import { namedCalls } from './calls.ts';
import { args, type Codec, fields, flag, list, nothing, nullable, number, text, variants, word } from './codec.ts';
import { moves } from './moves.ts';
import { newJob } from './new-job.ts';
import { nodeCalls } from './nodes.ts';
import { queueCalls } from './queues.ts';

/** What is read of what was written; no cell may be left. */
function travel<In, Out>(codec: Codec<In, Out>, value: In): Out {
  const cells: Cell[] = [];
  codec.write(cells, value);
  const tape = new TapeReader(cells);
  const read = codec.read(tape);
  expect(tape.more).toBe(false);
  return read;
}

describe('a codec', () => {
  it('reads what it has written', () => {
    const name = fields({ first: text, middle: nullable(text), old: flag });
    const person = { first: 'a', middle: null, old: true };
    expect(travel(name, person)).toEqual(person);
    const shape = variants({ circle: { radius: number }, square: { side: number, at: list(number) }, none: {} });
    for (const each of [{ kind: 'circle', radius: 1 }, { kind: 'square', side: 2, at: [3, 4] }, { kind: 'none' }] as const) {
      expect(travel(shape, each)).toEqual(each);
    }
    expect(travel(args(text, word(['yes', 'no']), nothing), ['a', 'no', undefined])).toEqual(['a', 'no', undefined]);
  });

  it('refuses cells of another kind', () => {
    expect(() => text.read(new TapeReader([1]))).toThrow('expected a text at cell 0, found 1');
    expect(() => word(['yes', 'no']).read(new TapeReader([2]))).toThrow('expected one of yes, no, found 2');
  });
});

describe('what every job passes through', () => {
  const anyText = fc.string({ unit: 'grapheme' });
  const result: fc.Arbitrary<JobResult> = fc.record({
    statusCode: fc.option(fc.nat()),
    output: anyText,
    outputCut: fc.boolean(),
    error: anyText,
    cause: fc.option(fc.constantFrom(...failureCauses)),
    stack: anyText,
  });
  const to: fc.Arbitrary<EndState> = fc.constantFrom(...endStates);
  const move: fc.Arbitrary<Move> = fc.oneof(
    fc.record({
      kind: fc.constant('end' as const),
      verb: fc.constantFrom(...jobVerbs),
      to,
      reason: anyText,
      result: fc.option(result),
    }),
    fc.record({
      ...{ kind: fc.constant('retry' as const), verb: fc.constant('retry' as const), to: fc.constant('scheduled' as const) },
      delay: fc.nat(),
      keep: fc.nat(),
      result,
    }),
    fc.record({
      ...{ kind: fc.constant('defer' as const), verb: fc.constant('defer' as const), to: fc.constant('scheduled' as const) },
      delay: fc.nat(),
      result,
    }),
    fc.constant<Move>({ kind: 'release', verb: 'release', to: 'queued', lost: false }),
    fc.constant<Move>({ kind: 'release', verb: 'lose', to: 'queued', lost: true }),
    fc.constant<Move>({ kind: 'stop', verb: 'cancel', to: 'stopping' }),
    fc.nat().map((keep): Move => ({ kind: 'restart', verb: 'restart', to: 'queued', keep })),
  );
  const decisions: fc.Arbitrary<Moves> = fc.oneof(
    fc.dictionary(fc.constantFrom(...jobStates), move, { noNullPrototype: true }),
    move.map((both) => ({ running: both, stopping: both })),
  );
  const jobs: fc.Arbitrary<NewJob> = fc.record({
    ...{ domain: anyText, queue: anyText, worker: anyText, name: anyText, comment: anyText, url: anyText },
    manual: fc.boolean(),
    priority: fc.integer(),
    ...{ owner: anyText, limit: anyText, about: fc.option(anyText) },
    payload: fc.option(anyText),
    headers: fc.option(fc.dictionary(anyText, anyText, { noNullPrototype: true })),
    options: fc.record({
      timeout: fc.option(fc.nat()),
      retry: fc.record({ attempts: fc.nat(), backoff: fc.nat(), maxBackoff: fc.nat() }),
      onLost: fc.constantFrom('retry', 'fail', 'always'),
      rules: fc.constantFrom('hq', 'v1'),
    }),
    start: fc.option(fc.oneof(fc.record({ at: fc.nat() }), fc.record({ delay: fc.nat() }))),
    idempotency: fc.option(fc.record({ key: anyText, digest: anyText })),
  });

  it('moves arrive as they left', () => {
    fc.assert(
      fc.property(decisions, (decision) => {
        expect(travel(moves, decision)).toEqual(decision);
      }),
    );
  });

  it('a new job arrives as it left, its options and headers as texts', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        // What is unique, and when it expires, is said by the options.
        const {
          options,
          headers,
          manual,
          start,
          startTime,
          key,
          digest,
          unique: _u,
          startBefore: _s,
          after: _a,
          ...rest
        } = travel(newJob, job);
        expect({
          ...rest,
          manual: manual === 1,
          options: readOptions(options),
          headers: readHeaders(headers),
          start: start === 'now' ? null : { [start]: startTime },
          idempotency: key === null ? null : { key, digest },
        }).toEqual(job);
      }),
    );
  });
});

describe('the calls', () => {
  it('are those of the port, two for tests, and one that ends lists', () => {
    expect(new Set(namedCalls.map(({ name }) => name))).toEqual(
      new Set([...Object.keys(verbs), 'clock.advance', 'clock.step', 'searches.end']),
    );
    expect(namedCalls.map(({ code }) => code)).toEqual(namedCalls.map((_, index) => index));
  });

  /** Compiles only as long as each of these is refused. */
  it('are refused by the compiler when one side lacks one or encodes it otherwise', () => {
    const { list: listQueues, configure } = queueCalls;
    const answering = { ...configure, answer: fields({ paused: flag }) };
    // @ts-expect-error a call of the port is missing
    const missing = { list: listQueues } satisfies CallsOf<QueueStore>;
    // @ts-expect-error there is no such method in the port
    const unknown = { ...queueCalls, pause: configure } satisfies CallsOf<QueueStore>;
    // @ts-expect-error the port's argument is no number
    const argument = { ...queueCalls, configure: { ...configure, args: args(number) } } satisfies CallsOf<QueueStore>;
    // @ts-expect-error the port answers more than is read
    const answer = { ...queueCalls, configure: answering } satisfies CallsOf<QueueStore>;
    // @ts-expect-error a variant that the port does not know
    const kind = { ...nodeCalls, forget: { ...nodeCalls.forget, answer: variants({ gone: {} }) } } satisfies CallsOf<NodeStore>;
    // @ts-expect-error the handler takes what the codec reads
    const takes: Handler<typeof nodeCalls.leave> = (incarnation: number) => void incarnation;
    // @ts-expect-error the handler gives what the codec writes
    const gives: Handler<typeof nodeCalls.bury> = () => ({ incarnations: [] });
    // @ts-expect-error the writer never waits
    const waits: Handler<typeof nodeCalls.steer> = async () => [];
    expect([missing, unknown, argument, answer, kind, takes, gives, waits]).toHaveLength(8);
  });
});
