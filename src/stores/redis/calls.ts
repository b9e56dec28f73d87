/** The calls of the store, sent to Redis in batches. */
import type { Millis } from '../../core/duration.ts';
import { HatstandError, messageOf } from '../../core/errors.ts';
import { failpoint, hasFailpoint } from '../../failpoint.ts';
import { type Call, Coalescer } from './coalescer.ts';
import type { Argument, Driver, Reply, Script } from './driver/driver.ts';
import { batchScript, lookScript } from './scripts.ts';
import { Shown } from './shown.ts';

export interface StepOptions {
  readonly name: string;
  /** In a batch: what frees goes first, then what adds, then what takes. Default: it frees. */
  readonly rank?: number;
  /** About how many bytes it takes on the way. */
  readonly size?: number;
  /** The job that it is about, and the fence that proves something. */
  readonly target?: Target;
  /** Adds jobs: it cannot be done while the store is full. */
  readonly adds?: boolean;
}

export interface Target {
  /** As it is kept: its length tells where the fence begins (lua/header.lua). */
  readonly id: string;
  /** `''`: nothing is to be proven. */
  readonly fence: string;
}

export interface Calls {
  /** A call that may change something; `write` gives its name with what follows it, and its arguments, when it leaves. */
  step<T>(options: StepOptions, write: (args: Argument[]) => void, read: (reply: Reply) => T): Promise<T>;
  /** A call that only looks: its name and its arguments. */
  look<T>(args: readonly string[], read: (reply: Reply) => T): Promise<T>;
  /** What is under way is finished first; all further calls are refused. */
  close(): Promise<void>;
}

/** What every batch says of its sender. */
export interface Sender {
  /** Of the ids of pushed jobs. */
  serverId: number;
  /** The word of the node that uses this store, or `noWord`. */
  node: string;
  /** By which a test's clock runs ahead. */
  ahead: Millis;
}

export const ranks = { frees: 0, adds: 1, takes: 2 } as const;

interface Step extends Call {
  readonly target: Target | null;
  readonly adds: boolean;
  write(args: Argument[]): void;
}

interface Look extends Call {
  readonly args: readonly string[];
}

const stepBounds = { maxCalls: 250, maxSize: 4 * 1024 * 1024, maxInFlight: 2 };
const lookBounds = { maxCalls: 50, maxSize: 1024 * 1024, maxInFlight: 8 };
const stepSize = 200;
/** About what the answer to a look takes. */
const lookSize = 16 * 1024;

/** @param onHints what a batch told of its steps */
export function makeCalls(driver: Pick<Driver, 'run'>, prefix: string, sender: Sender, onHints: (hints: string) => void): Calls {
  let isClosed = false;

  async function run(script: Script, args: readonly Argument[]): Promise<readonly Reply[]> {
    const replies = await driver.run(script, [prefix], args);
    if (Array.isArray(replies)) return replies;
    throw new HatstandError('internal', `The script ${script.name} answered ${JSON.stringify(replies)}.`);
  }

  async function sendSteps(batch: readonly Step[]): Promise<readonly Reply[]> {
    const written = writeSteps(batch, sender);
    if (hasFailpoint) passFailpoints(written.calls, 'before_commit');
    const replies = await run(batchScript(written.calls), written.args);
    if (hasFailpoint) passFailpoints(written.calls, 'committed');
    const [ids, hints] = replies.slice(-2);
    onHints(String(hints ?? ''));
    const answers = withIds(written.calls, replies, String(ids ?? ''));
    return written.calls === batch ? answers : inPlace(batch, written.calls, answers);
  }

  /** A batch that was refused because it adds goes again without what adds. */
  async function sendWithRoom(batch: readonly Step[]): Promise<readonly Reply[]> {
    try {
      return await sendSteps(batch);
    } catch (error) {
      const others = batch.filter((step) => !step.adds);
      if (!isFull(error) || others.length === 0 || others.length === batch.length) throw error;
      for (const step of batch) if (step.adds) step.reject(error);
      return inPlace(batch, others, await sendSteps(others));
    }
  }

  const steps = new Coalescer<Step>(sendWithRoom, stepBounds);
  const looks = new Coalescer<Look>((batch) => run(lookScript, lookArguments(batch, sender)), lookBounds);
  const refusal = (): Promise<never> => Promise.reject(new HatstandError('store_unavailable', 'The store is closed.'));

  return {
    step(options, write, read) {
      if (isClosed) return refusal();
      const { name, rank = ranks.frees, size = stepSize, target = null, adds = false } = options;
      return new Promise((resolve, reject) =>
        steps.add({ name, rank, size, target, adds, write, answer: (reply) => resolve(read(reply)), reject }),
      );
    },
    look(args, read) {
      if (isClosed) return refusal();
      return new Promise((resolve, reject) =>
        looks.add({ name: args[0] ?? '', rank: 0, size: lookSize, args, answer: (reply) => resolve(read(reply)), reject }),
      );
    },
    async close() {
      isClosed = true;
      await Promise.all([steps.drained(), looks.drained()]);
    },
  };
}

const isFull = (error: unknown): boolean => error instanceof HatstandError && error.code === 'store_full';

/** The first halves of failpoints. Attempts that end travel as `finish`, so a `settle` is most often one that is tried again. */
const failpointsOf: Readonly<Record<string, 'push' | 'claim' | 'settle' | 'retry' | 'change'>> = {
  push: 'push',
  pushMany: 'push',
  claim: 'claim',
  finish: 'settle',
  settleAndPush: 'settle',
  settle: 'retry',
  change: 'change',
  remove: 'change',
};

/** `before_commit`: nothing has left yet; `committed`: Redis has done it, and nobody was told. */
function passFailpoints(batch: readonly Step[], when: 'before_commit' | 'committed'): void {
  for (const name of new Set(batch.map((step) => step.name))) {
    const step = failpointsOf[name];
    if (step !== undefined) failpoint(`${step}.${when}`);
  }
}

interface Written {
  readonly args: readonly Argument[];
  readonly calls: readonly Step[];
}

/**
 * What lua/tape.lua and lua/header.lua take: a fence is said only when it is not the one before. A call that cannot be written is
 * rejected and left out.
 */
function writeSteps(batch: readonly Step[], sender: Sender): Written {
  const args: Argument[] = [String(sender.ahead), String(sender.serverId), ''];
  let fence = '';
  for (const { target } of batch) {
    if (target === null) continue;
    args.push(target.fence === fence ? target.id : target.id + target.fence);
    fence = target.fence;
  }
  args[2] = String(args.length - 3);
  args.push(sender.node);
  const failed = batch.filter((step) => !isWritten(step, args));
  if (failed.length === 0) return { args, calls: batch };
  return writeSteps(
    batch.filter((step) => !failed.includes(step)),
    sender,
  );
}

function isWritten(step: Step, args: Argument[]): boolean {
  try {
    step.write(args);
    return true;
  } catch (error) {
    step.reject(new HatstandError('internal', `The call ${step.name} cannot be written: ${messageOf(error)}`, {}, { cause: error }));
    return false;
  }
}

/** Plain pushes answer 0, and their ids together in the end (lua/push.lua). */
function withIds(calls: readonly Step[], replies: readonly Reply[], text: string): readonly Reply[] {
  if (text === '') return replies;
  const ids = text.split(' ');
  let next = 0;
  return calls.map((call, at) => (call.name === 'push' && replies[at] === 0 ? (ids[next++] ?? null) : (replies[at] ?? null)));
}

const lookArguments = (batch: readonly Look[], sender: Sender): Argument[] => [String(sender.ahead), ...batch.flatMap(({ args }) => args)];

/** The replies to some of the calls at the places of these. */
function inPlace(batch: readonly Step[], sent: readonly Step[], replies: readonly Reply[]): readonly Reply[] {
  const bySent = new Map(sent.map((step, at) => [step, replies[at] ?? null]));
  return batch.map((step) => bySent.get(step) ?? null);
}

export const asText = (reply: Reply): string => (typeof reply === 'string' ? reply : String(reply ?? ''));
export const asNumber = (reply: Reply): number => Number(reply);
export const asList = (reply: Reply): Shown => new Shown(reply);
