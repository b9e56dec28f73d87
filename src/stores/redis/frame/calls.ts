/** The calls of the store, sent to Redis in batches. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError, messageOf } from '../../../core/errors.ts';
import { failpoint, hasFailpoint } from '../../../failpoint.ts';
import type { StepFailpoint } from '../../../ports/store/verb.ts';
import { Coalescer, type Call as WaitingCall } from '../../coalescer.ts';
import { rankOf, type VerbName, verbs } from '../../verbs.ts';
import { type Argument, type Driver, type Reply, ScriptFault } from '../driver/driver.ts';
import { runScript } from './run.ts';
import { type BatchStep, lookScript, type StoreScript, stepScript } from './scripts.ts';

export interface StepOptions {
  /** About how many bytes it takes on the way. */
  readonly size?: number;
  /** The job that it is about, and the fence that proves something. */
  readonly target?: Target;
  /** The short way can do it, as far as its arguments say (jobs/short.lua). Default: no. */
  readonly usual?: boolean;
  /** Parts of the verb's file that most calls do not need. Default: none. */
  readonly also?: BatchStep['also'];
  /** Default: that of its verb. */
  readonly failpoint?: StepFailpoint;
  /** Default: as its verb. */
  readonly needsRoom?: boolean;
}

export interface Target {
  /** As it is kept: its length tells where the fence begins (jobs/targets.lua). */
  readonly id: string;
  /** `''`: nothing is to be proven. */
  readonly fence: string;
}

/** Adds a call's arguments when it leaves; answers the first one, which travels in one text with the verb's name. */
export type Write = (args: Argument[]) => string;

export interface Calls {
  /** A call that may change something. */
  step<T>(verb: VerbName, options: StepOptions, write: Write, read: (reply: Reply) => T): Promise<T>;
  /**
   * A call that only looks; the first argument travels in one text with the verb's name.
   *
   * @param isLarge its answer may have hundreds of kilobytes: those go on their own, so that others need not wait for many of them
   */
  look<T>(verb: VerbName, args: readonly string[], read: (reply: Reply) => T, isLarge?: boolean): Promise<T>;
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

interface Call extends WaitingCall {
  readonly verb: VerbName;
  /** Reads its reply; what it throws is its caller's to hear. */
  answer(reply: Reply): void;
}

interface Step extends Call, BatchStep {
  readonly target: Target | null;
  readonly failpoint: StepFailpoint | null;
  readonly write: Write;
}

interface Look extends Call {
  readonly args: readonly string[];
  readonly isLarge: boolean;
  /** Verb and arguments. */
  readonly question: string;
  /** Others who asked the same before it was sent. */
  readonly also: Pick<Call, 'answer' | 'reject'>[];
}

/** Calls that were sent, in their order, and the reply to each. */
interface Delivered<C> {
  readonly calls: readonly C[];
  readonly replies: readonly Reply[];
}

const stepBounds = { maxCalls: 250, maxSize: 4 * 1024 * 1024, maxInFlight: 2, fairCalls: 250, maxFullInFlight: 2, worthLeaving: 50 };
const lookBounds = { maxCalls: 50, maxSize: 1024 * 1024, maxInFlight: 3, fairCalls: 50, maxFullInFlight: 3, worthLeaving: 50 };
const largeLookBounds = { maxCalls: 2, maxSize: 1024 * 1024, maxInFlight: 2, fairCalls: 2, maxFullInFlight: 2, worthLeaving: 1 };
const stepSize = 200;
/** Of jobs, definitions or entries: more than these make a large answer. */
export const fewAtOnce = 50;
/** About what the answer to a look takes. */
const lookSize = 16 * 1024;

const limited = 'limited';
/** Batches that go as if there were limits, since there were some. */
const believedFor = 1_000;

/** @param onHints what a batch told of its steps */
export function makeCalls(driver: Pick<Driver, 'run'>, prefix: string, sender: Sender, onHints: (hints: string) => void): Calls {
  let isClosed = false;
  /** There are limits, or jobs that wait for others: scripts that know of none say so (frame/limited.lua). After so many batches they are asked again. */
  let limitedFor = 0;

  async function run(script: StoreScript, args: readonly Argument[]): Promise<readonly Reply[]> {
    const replies = await runScript(driver, script, [prefix], args);
    if (Array.isArray(replies)) return replies;
    if (replies === limited) return [];
    throw new HatstandError('internal', `The script ${script.name} answered ${JSON.stringify(replies)}.`);
  }

  async function sendSteps(batch: readonly Step[]): Promise<Delivered<Step>> {
    const { calls, args } = writeSteps(batch, sender);
    const isLimited = limitedFor > 0;
    if (isLimited) limitedFor -= 1;
    const script = stepScript(calls, isLimited);
    if (script.isTooLarge && calls.length > 1) return sendHalves(calls);
    if (hasFailpoint) passFailpoints(calls, 'before_commit');
    let replies = await run(script, args);
    if (replies.length === 0 && !isLimited) {
      limitedFor = believedFor;
      const knowing = stepScript(calls, true);
      if (knowing.isTooLarge && calls.length > 1) return sendHalves(calls);
      replies = await run(knowing, args);
    }
    if (hasFailpoint) passFailpoints(calls, 'committed');
    onHints(String(replies.at(-1) ?? ''));
    return { calls, replies };
  }

  /** A batch that was refused because there is no room goes again without what needs some. */
  async function sendWithRoom(batch: readonly Step[]): Promise<Delivered<Step>> {
    try {
      return await sendSteps(batch);
    } catch (error) {
      const others = batch.filter(({ needsRoom }) => !needsRoom);
      if (!isFull(error) || others.length === 0 || others.length === batch.length) throw error;
      for (const step of batch) if (step.needsRoom) step.reject(error);
      return await sendSteps(others);
    }
  }

  /**
   * A batch that fails at what one of its calls found, also carefully, goes call by call, so that it stops none of the others. Calls
   * that add may have been done before it failed: whoever asked for them decides whether to repeat them.
   */
  async function sendApart(batch: readonly Step[]): Promise<Delivered<Step>> {
    try {
      return await sendWithRoom(batch);
    } catch (error) {
      if (!(error instanceof ScriptFault) || batch.length === 1) throw error;
      for (const step of batch) {
        if (step.needsRoom) step.reject(new HatstandError('unconfirmed', `It is not known whether this was done: ${error.message}`));
        else await sendWithRoom([step]).then((delivered) => answerAll([step], delivered), step.reject);
      }
      return { calls: [], replies: [] };
    }
  }

  /** One after the other, in order: what becomes of the one is nothing to the other. */
  async function sendHalves(batch: readonly Step[]): Promise<Delivered<Step>> {
    const middle = batch.length >> 1;
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      const refuse = (error: unknown): void => half.forEach((step) => void step.reject(error));
      await sendApart(half).then((delivered) => answerAll(half, delivered), refuse);
    }
    return { calls: [], replies: [] };
  }

  async function sendLooks(calls: readonly Look[]): Promise<Delivered<Look>> {
    for (const { question } of calls) unsent.delete(question);
    return { calls, replies: await run(lookScript(calls), lookArguments(calls, sender)) };
  }

  async function sendLooksApart(batch: readonly Look[]): Promise<Delivered<Look>> {
    try {
      return await sendLooks(batch);
    } catch (error) {
      if (!(error instanceof ScriptFault) || batch.length === 1) throw error;
      for (const look of batch) await sendLooks([look]).then((delivered) => answerAll([look], delivered), look.reject);
      return { calls: [], replies: [] };
    }
  }

  /** A reply has the first calls of its batch, as many as it has room for (frame/looks.lua). */
  function answerLooks(batch: readonly Look[], { calls, replies }: Delivered<Look>): void {
    // They were answered one by one.
    if (calls.length === 0) return;
    answerAll(batch, { calls: calls.slice(0, replies.length), replies });
    for (const look of calls.slice(replies.length)) (look.isLarge ? largeLooks : looks).add(look);
  }

  /** Not sent yet: whoever asks the same is answered with them. */
  const unsent = new Map<string, Look>();
  const steps = new Coalescer<Step, Delivered<Step>>({ send: sendApart, answer: answerAll }, stepBounds);
  const looks = new Coalescer<Look, Delivered<Look>>({ send: sendLooksApart, answer: answerLooks }, lookBounds);
  const largeLooks = new Coalescer<Look, Delivered<Look>>({ send: sendLooksApart, answer: answerLooks }, largeLookBounds);
  const refusal = (): Promise<never> => Promise.reject(new HatstandError('store_unavailable', 'The store is closed.'));

  return {
    step(verb, options, write, read) {
      if (isClosed) return refusal();
      const row = verbs[verb];
      const { size = stepSize, target = null, usual = false, also = [], failpoint = row.failpoint, needsRoom = row.needsRoom } = options;
      return new Promise((resolve, reject) => {
        const answer = (reply: Reply): void => resolve(read(reply));
        steps.add({ verb, rank: rankOf(verb), size, target, usual, also, failpoint, needsRoom, write, answer, reject });
      });
    },
    look(verb, args, read, isLarge = false) {
      if (isClosed) return refusal();
      return new Promise((resolve, reject) => {
        const caller = { answer: (reply: Reply): void => resolve(read(reply)), reject };
        const question = [verb, ...args].join('\0');
        const same = unsent.get(question);
        if (same !== undefined) {
          same.also.push(caller);
          return;
        }
        const look = sharedLook({ verb, args, isLarge, question }, caller);
        unsent.set(question, look);
        (isLarge ? largeLooks : looks).add(look);
      });
    },
    async close() {
      isClosed = true;
      await Promise.all([steps, looks, largeLooks].map((each) => each.drained()));
    },
  };
}

function sharedLook(asked: Pick<Look, 'verb' | 'args' | 'isLarge' | 'question'>, first: Pick<Call, 'answer' | 'reject'>): Look {
  const also: Look['also'] = [];
  const all = (): Look['also'] => [first, ...also];
  return {
    ...asked,
    ...{ rank: 0, size: lookSize, also },
    answer: (reply) => all().forEach((each) => void each.answer(reply)),
    reject: (error) => all().forEach((each) => void each.reject(error)),
  };
}

const isFull = (error: unknown): boolean => error instanceof HatstandError && error.code === 'store_full';

/** A reply that cannot be read is its own caller's matter. */
function answerAll<C extends Call>(_: readonly C[], { calls, replies }: Delivered<C>): void {
  for (const [at, call] of calls.entries()) {
    try {
      call.answer(replies[at] ?? null);
    } catch (error) {
      call.reject(new HatstandError('internal', `The answer to ${call.verb} cannot be read: ${messageOf(error)}`, {}, { cause: error }));
    }
  }
}

/** `before_commit`: nothing has left yet; `committed`: Redis has done it, and nobody was told. */
function passFailpoints(batch: readonly Step[], when: 'before_commit' | 'committed'): void {
  for (const point of new Set(batch.map((step) => step.failpoint))) if (point !== null) failpoint(`${point}.${when}`);
}

interface Written {
  readonly args: readonly Argument[];
  readonly calls: readonly Step[];
}

/** What time.lua, sender.lua and tape.lua take; its last element says how many jobs follow that calls are about. */
const headerOf = ({ ahead, serverId, node }: Sender): Argument[] => [String(ahead), String(serverId), node, '0'];

/**
 * The jobs that calls are about (jobs/targets.lua) and the calls: a fence is said only when it is not the one before. A call
 * that cannot be written is rejected and left out.
 */
function writeSteps(batch: readonly Step[], sender: Sender): Written {
  const args = headerOf(sender);
  const before = args.length;
  let fence = '';
  for (const { target } of batch) {
    if (target === null) continue;
    args.push(target.fence === fence ? target.id : target.id + target.fence);
    fence = target.fence;
  }
  args[before - 1] = String(args.length - before);
  const failed = batch.filter((step) => !isWritten(step, args));
  if (failed.length === 0) return { args, calls: batch };
  return writeSteps(
    batch.filter((step) => !failed.includes(step)),
    sender,
  );
}

function isWritten(step: Step, args: Argument[]): boolean {
  try {
    const at = args.push('') - 1;
    args[at] = callText(step.verb, step.write(args));
    return true;
  } catch (error) {
    step.reject(new HatstandError('internal', `The call ${step.verb} cannot be written: ${messageOf(error)}`, {}, { cause: error }));
    return false;
  }
}

const callText = (verb: VerbName, first: string): string => (first === '' ? verb : `${verb} ${first}`);

const lookArguments = (batch: readonly Look[], sender: Sender): Argument[] => [
  ...headerOf(sender),
  ...batch.flatMap(({ verb, args: [first = '', ...others] }) => [callText(verb, first), ...others]),
];
