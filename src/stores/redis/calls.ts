/** The calls of the store, sent to Redis in batches. */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import { type Call, Coalescer, type WrittenCall } from './coalescer.ts';
import type { Argument, Driver, Reply, Script } from './driver/driver.ts';
import { batchScript, lookScript } from './scripts.ts';
import { Shown } from './shown.ts';
import { noWord } from './words.ts';

export interface CallOptions {
  /** In a batch: what frees goes first, then what adds, then what takes. Default 0. */
  readonly rank?: number;
  readonly size?: number;
  readonly targets?: readonly string[];
  readonly adds?: boolean;
}

export interface Calls {
  /** A call that may change something. */
  step<T>(name: string, options: CallOptions, write: (args: Argument[]) => void, read: (reply: Reply) => T): Promise<T>;
  /** A call that only looks. */
  look<T>(name: string, write: (args: Argument[]) => void, read: (reply: Reply) => T): Promise<T>;
  /** What is under way is finished first; all further calls are refused. */
  close(): Promise<void>;
}

/** What every call says of its sender. */
export interface Sender {
  /** Of the ids of pushed jobs. */
  serverId: number;
  /** The word of the node that uses this store, or `noWord`. */
  node: string;
  /** By which a test's clock runs ahead. */
  ahead: Millis;
}

export const ranks = { frees: 0, adds: 1, takes: 2 } as const;

const stepBounds = { maxCalls: 250, maxSize: 4 * 1024 * 1024, maxInFlight: 2 };
const lookBounds = { maxCalls: 50, maxSize: 1024 * 1024, maxInFlight: 8 };
const stepSize = 200;
/** About what the answer to a look takes. */
const lookSize = 16 * 1024;

/** @param onHints what a batch told of its steps */
export function makeCalls(driver: Driver, prefix: string, sender: Sender, onHints: (hints: string) => void): Calls {
  let isClosed = false;

  async function send(script: Script, args: readonly Argument[], calls: number): Promise<readonly Reply[]> {
    const replies = await driver.run(script, [prefix], args);
    if (!Array.isArray(replies) || replies.length < calls)
      throw new HatstandError('internal', `The script ${script.name} answered too little.`);
    return replies;
  }

  async function sendSteps(batch: readonly WrittenCall[]): Promise<readonly Reply[]> {
    const script = batchScript(batch.map(({ call }) => call));
    const replies = await send(script, stepArguments(batch, sender), batch.length + 1);
    onHints(String(replies[batch.length] ?? ''));
    return replies;
  }

  /** A batch that was refused because it adds goes again without what adds. */
  async function sendWithRoom(batch: readonly WrittenCall[]): Promise<readonly Reply[]> {
    try {
      return await sendSteps(batch);
    } catch (error) {
      if (!(error instanceof HatstandError) || error.code !== 'store_full') throw error;
      const others = batch.filter(({ call }) => !call.adds);
      if (others.length === 0 || others.length === batch.length) throw error;
      for (const { call } of batch) if (call.adds) call.reject(error);
      const replies = await sendSteps(others);
      return batch.map(({ call }) => replies[others.findIndex((other) => other.call === call)] ?? null);
    }
  }

  const steps = new Coalescer(sendWithRoom, stepBounds);
  const looks = new Coalescer((batch) => send(lookScript, lookArguments(batch, sender), batch.length), lookBounds);

  function ask<T>(coalescer: Coalescer, call: Omit<Call, 'answer' | 'reject'>, read: (reply: Reply) => T): Promise<T> {
    if (isClosed) return Promise.reject(new HatstandError('store_unavailable', 'The store is closed.'));
    return new Promise((resolve, reject) => coalescer.add({ ...call, answer: (reply) => resolve(read(reply)), reject }));
  }

  return {
    step: (name, { rank = ranks.frees, size = stepSize, targets = [], adds = false }, write, read) =>
      ask(steps, { name, rank, size, targets, adds, write }, read),
    look: (name, write, read) => ask(looks, { name, rank: 0, size: lookSize, targets: [], adds: false, write }, read),
    async close() {
      isClosed = true;
      await Promise.all([steps.drained(), looks.drained()]);
    },
  };
}

function stepArguments(batch: readonly WrittenCall[], sender: Sender): Argument[] {
  const targets = batch.flatMap(({ call }) => call.targets);
  const args: Argument[] = [String(sender.ahead), String(sender.serverId), String(targets.length), ...targets, sender.node];
  for (const written of batch) for (const arg of written.args) args.push(arg);
  return args;
}

function lookArguments(batch: readonly WrittenCall[], sender: Sender): Argument[] {
  const args: Argument[] = [String(sender.ahead)];
  for (const written of batch) for (const arg of written.args) args.push(arg);
  return args;
}

export const asText = (reply: Reply): string => (typeof reply === 'string' ? reply : String(reply ?? ''));
export const asNumber = (reply: Reply): number => Number(reply);
export const asList = (reply: Reply): Shown => new Shown(reply);
export const nothing = (): void => {};
export const nobody = noWord;
