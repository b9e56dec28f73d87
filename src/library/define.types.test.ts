/** What the compiler is told of defined workers, with schemas of three libraries. `tsc` judges the lines that must not compile. */
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineWorker } from './defined.ts';
import type { WorkerDefinition } from './definition.ts';
import { hatstand } from './hatstand.suite.ts';
import type { Job } from './job.ts';
import { refusal } from './refusal.suite.ts';
import type { WorkerContext } from './worker.ts';

const ofZod = defineWorker({
  name: 'zod',
  input: z.object({ to: z.email(), copies: z.number().default(1), at: z.string().transform((text) => new Date(text)) }),
  output: z.object({ sent: z.number() }),
  start: (context) => context.withCookie({ begun: context.message.at }),
  run({ message, cookie }) {
    expectTypeOf(message).toEqualTypeOf<{ to: string; copies: number; at: Date }>();
    expectTypeOf(cookie).toEqualTypeOf<{ begun: Date }>();
    return { sent: message.copies };
  },
  commit: ({ cookie }) => expectTypeOf(cookie.begun).toEqualTypeOf<Date>(),
});
const ofValibot = defineWorker({
  name: 'valibot',
  input: v.pipe(
    v.object({ n: v.string() }),
    v.transform(({ n }) => Number(n)),
  ),
  run: async ({ message }) => message + 1,
});
const ofArktype = defineWorker({ name: 'arktype', input: type({ n: 'number', 'more?': 'string' }), run: ({ message }) => message.more });
const untyped = defineWorker({ name: 'untyped', run: ({ message }) => message });
const annotated = defineWorker({ name: 'annotated', run: ({ message }: WorkerContext<{ a: string }>) => [new Date(message.a)] });
const nothing = defineWorker({ name: 'nothing', run: () => undefined });

/** Never called: for the compiler alone. */
const pushes = async (): Promise<void> => {
  await hatstand.push(ofZod, { to: 'a@b.example', at: '2026-01-01' });
  // @ts-expect-error a member is missing
  await hatstand.push(ofZod, { to: 'a@b.example' });
  // @ts-expect-error copies is a number
  await hatstand.push(ofZod, { to: 'a@b.example', at: '2026-01-01', copies: '1' });
  // @ts-expect-error what run sees is not what is pushed
  await hatstand.push(ofZod, { to: 'a@b.example', at: new Date() });
  // @ts-expect-error a message is needed
  await hatstand.push(ofZod);
  // @ts-expect-error there is no such option
  await hatstand.push(ofValibot, { n: '1' }, { retries: 3 });
  // @ts-expect-error not all payloads fit
  await hatstand.pushMany(ofValibot, [{ n: '1' }, { n: 1 }]);
  expectTypeOf(hatstand.wait(await hatstand.push(ofZod, { to: 'a@b.example', at: '2026-01-01' }))).resolves.toEqualTypeOf<Job<
    { to: string; copies?: number | undefined; at: string },
    { sent: number }
  > | null>();
  expectTypeOf(hatstand.wait('7')).resolves.toEqualTypeOf<Job | null>();
  await hatstand.push(untyped);
  await hatstand.push(untyped, { any: 'thing' });
  // @ts-expect-error the function takes another message
  await hatstand.push(annotated, { a: 1 });
  // @ts-expect-error a handle takes what the definition takes
  await hatstand.worker(ofArktype).push({ n: 1, more: 2 });
  // @ts-expect-error errorHook answers whether
  defineWorker({ name: 'w', errorHook: () => 'no', run: () => 1 });
  // @ts-expect-error run must return what the output schema takes
  defineWorker({ name: 'w', output: z.object({ n: z.number() }), run: () => ({ n: 'x' }) });
  // @ts-expect-error beforeHook cannot move a job to another worker
  defineWorker({ name: 'w', beforeHook: () => ({ worker: 'v' }), run: () => 1 });
};

describe('the types of defined workers', () => {
  it('flow from the schemas to the push, to run and to the result', () => {
    expectTypeOf(ofZod).toExtend<WorkerDefinition<{ to: string; at: string; copies?: number | undefined }, unknown, { sent: number }>>();
    expectTypeOf(ofValibot).toEqualTypeOf<WorkerDefinition<{ n: string }, number, number>>();
    expectTypeOf(ofArktype).toEqualTypeOf<
      WorkerDefinition<{ n: number; more?: string }, { n: number; more?: string }, string | undefined>
    >();
    expectTypeOf(annotated).toEqualTypeOf<WorkerDefinition<{ a: string }, { a: string }, string[]>>();
    const push = () => hatstand.push(ofValibot, { n: '1' });
    expectTypeOf(push).returns.resolves.toEqualTypeOf<Job<{ n: string }, number>>();
    const wait = () => hatstand.worker(ofZod).wait('1');
    expectTypeOf<NonNullable<Awaited<ReturnType<typeof wait>>>['result']>().toEqualTypeOf<{ sent: number } | undefined>();
    expectTypeOf(nothing).toExtend<WorkerDefinition>();
  });

  it('refuse what does not fit', () => expect(pushes).toBeTypeOf('function'));

  it.each([
    ['zod', ofZod, { to: 'a@b.example', at: '2026-01-01' }, { to: 'nobody', at: '2026-01-01' }, { sent: 1 }],
    ['valibot', ofValibot, { n: '41' }, { n: 41 }, 42],
    ['arktype', ofArktype, { n: 1, more: 'x' }, { n: 'x' }, 'x'],
  ] as const)('and its messages are checked by %s', async (_, worker, fits, fitsNot, result) => {
    hatstand.worker(worker as WorkerDefinition);
    await hatstand.start();
    expect(await hatstand.wait(await hatstand.push(worker as WorkerDefinition, fits))).toMatchObject({ state: 'succeeded', result });
    expect(await refusal(() => hatstand.push(worker as WorkerDefinition, fitsNot))).toMatchObject({ code: 'message_invalid' });
  });
});
