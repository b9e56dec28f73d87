/**
 * What the attempt of a task that runs here has of its task, which is at a server: checkpoints and control messages go over HTTP, and what
 * the task is told comes as the answer to a call that waits for it.
 */
import type { Millis } from '../core/duration.ts';
import { type ErrorCode, HatstandError, messageOf } from '../core/errors.ts';
import type { Job as JobRecord } from '../core/job.ts';
import type { AttemptProof, AttemptTaskFields, Client, TaskHeard } from '../faces/client/client.ts';
import { isPassing } from '../faces/client/fault.ts';
import type { Mail, StopReason, TaskKeeper } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Link } from './elsewhere-link.ts';

export interface TaskElsewhere extends TaskKeeper {
  /** It is to go on elsewhere. */
  handOver(): void;
  /** The attempt has ended. */
  close(): void;
}

export interface TaskElsewhereParts {
  readonly attempts: Pick<Client['attempts'], 'task'>;
  readonly job: JobRecord;
  readonly proof: AttemptProof;
  readonly link: Link;
  readonly log: Logger;
  /** The server has not been heard of for so long that it may have taken the attempt back soon. */
  isDetached(): boolean;
  stop(reason: StopReason): void;
}

/** The attempt is not held any more, as its reports are told, or has no task. */
const final: ReadonlySet<ErrorCode> = new Set(['conflict', 'attempt_lost', 'forbidden', 'not_found']);

/** A call that waits for news. */
const wait: Millis = 20_000;

export function makeTaskElsewhere(parts: TaskElsewhereParts): TaskElsewhere {
  const { attempts, job, proof, link, log } = parts;
  const closing = new AbortController();
  const handover = new AbortController();
  /** Told, and not handled yet. */
  const waiting = new Map<string, Mail>();
  let onMail = (): void => undefined;

  /** What passes is a store that is away, for whoever tries again then. */
  async function ask(what: AttemptTaskFields, signal?: AbortSignal): Promise<TaskHeard> {
    try {
      const heard = await attempts.task(job.id, proof, what, signal);
      link.worked();
      return heard;
    } catch (error) {
      if (!isPassing(error)) throw error;
      link.away(error);
      throw new HatstandError('store_unavailable', error.message, error.details, { cause: error });
    }
  }

  function hear({ controls, ends }: TaskHeard): void {
    for (const { id, name, hasData, data } of controls) waiting.set(id, { id, name, data: hasData ? JSON.stringify(data) : null });
    if (controls.length > 0) onMail();
    if (ends === 'handover') handover.abort();
    if (ends === 'canceled') parts.stop('canceled');
  }

  /** Until the attempt has ended, or is to end. An attempt that is not held any more learns it from its reports. */
  async function follow(): Promise<void> {
    for (let tries = 0; !closing.signal.aborted; ) {
      try {
        const heard = await ask({ knows: [...waiting.keys()], wait }, closing.signal);
        tries = 0;
        hear(heard);
        if (heard.ends !== null) return;
      } catch (error) {
        if (closing.signal.aborted) return;
        if (error instanceof HatstandError && final.has(error.code)) {
          log.debug('task.not_followed', { job: job.id, error: messageOf(error) });
          return;
        }
        await link.pause(tries, closing.signal);
        tries += 1;
      }
    }
  }

  void follow();
  return {
    handover: handover.signal,
    isDetached: parts.isDetached,
    async checkpoint() {
      const { hasCheckpoint, checkpoint } = await ask({ resumes: true, knows: [...waiting.keys()] });
      return hasCheckpoint ? JSON.stringify(checkpoint) : null;
    },
    async keep(checkpoint) {
      await ask({ checkpointText: checkpoint, knows: [...waiting.keys()] });
    },
    mail: () => Promise.resolve([...waiting.values()]),
    onMail(call) {
      onMail = call;
    },
    async handled({ id }) {
      await ask({ handled: [id], knows: [...waiting.keys()] });
      waiting.delete(id);
    },
    handOver: () => handover.abort(),
    close: () => closing.abort(),
  };
}
