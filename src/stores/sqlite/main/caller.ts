/** Calls to one of the store's threads: those of one turn travel as one message. */
import { HatstandError, messageOf } from '../../../core/errors.ts';
import type { JobId } from '../../../core/id.ts';
import { type Call as Coalesced, Coalescer, type CoalescerBounds } from '../../coalescer.ts';
import type { Unreadable } from '../../set-aside.ts';
import type { NamedCall } from '../calls/calls.ts';
import { refusal, replyCodes } from '../calls/message.ts';
import type { Cell, TapeReader } from '../file/tape.ts';
import type { ThreadClient } from './thread-client.ts';

export interface Caller {
  /** @param args those of the port's method */
  call(named: NamedCall, args: readonly unknown[]): Promise<unknown>;
  /** Rejects what has not been sent. */
  fail(error: HatstandError): void;
  /** Resolves once nothing waits and nothing is under way. */
  drained(): Promise<void>;
}

/** A call that waits or is under way. */
interface Calling extends Coalesced {
  readonly named: NamedCall;
  readonly args: readonly unknown[];
  /** Whether it is part of the message: it is not when it could not be written. */
  isSent: boolean;
  resolve(answer: unknown): void;
}

export interface CallerOptions extends Omit<CoalescerBounds, 'worthLeaving'> {
  /** What every call takes, in bytes, beside what it says of its size. */
  readonly baseSize: number;
  /** Reads what an answer carries behind those of the calls; `ended`: jobs that these have told of. */
  readonly readRest?: (tape: TapeReader, ended: readonly JobId[]) => void;
  /** Hears of records that could not be read, and are not in the answers. */
  readonly onUnreadable: (records: readonly Unreadable[]) => void;
}

export function makeCaller(client: ThreadClient, { baseSize, readRest, onUnreadable, ...bounds }: CallerOptions): Caller {
  const way = {
    async send(batch: readonly Calling[]): Promise<TapeReader | null> {
      const cells: Cell[] = [0];
      for (const calling of batch) writeCall(cells, calling);
      return cells.length === 1 ? null : client.request(cells);
    },
    answer(batch: readonly Calling[], tape: TapeReader | null): void {
      if (tape === null) return;
      const ended: JobId[] = [];
      for (const calling of batch) if (calling.isSent && !readAnswer(tape, calling, ended)) coalescer.add({ ...calling, isSent: false });
      readRest?.(tape, ended);
      if (tape.unreadable.length > 0) onUnreadable(tape.unreadable);
    },
  };
  // The thread is never idle while anything waits.
  const coalescer = new Coalescer<Calling, TapeReader | null>(way, { ...bounds, worthLeaving: 1 });

  return {
    call: (named, args) =>
      new Promise((resolve, reject) => {
        const size = baseSize + (named.call.size?.(...(args as never)) ?? 0);
        coalescer.add({ named, args, rank: named.rank, size, isSent: false, resolve, reject });
      }),
    fail: (error) => coalescer.fail(error),
    drained: () => coalescer.drained(),
  };
}

/** One that cannot be written is rejected, and leaves no cells. */
function writeCall(cells: Cell[], calling: Calling): void {
  const { code, name, call } = calling.named;
  const start = cells.push(code, 0);
  try {
    call.args.write(cells, calling.args as never);
    cells[start - 1] = cells.length - start;
    calling.isSent = true;
  } catch (error) {
    cells.length = start - 2;
    calling.reject(new HatstandError('internal', `The call ${name} cannot be written: ${messageOf(error)}`, {}, { cause: error }));
  }
}

/** Answers whether it was done: else it is to be asked again. */
function readAnswer(tape: TapeReader, { named, args, resolve, reject }: Calling, ended: JobId[]): boolean {
  const code = tape.number();
  if (code === replyCodes.postponed) return false;
  if (code === replyCodes.refused) reject(refusal.read(tape));
  else resolve(named.call.answer.read(tape, args as never, (id) => void ended.push(id)));
  return true;
}
