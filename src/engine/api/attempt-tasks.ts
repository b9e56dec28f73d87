/** What attempts of tasks that run elsewhere keep with their tasks, and hear of them. */
import type { Millis } from '../../core/duration.ts';
import { HatstandError } from '../../core/errors.ts';
import type { AttemptRef, Job } from '../../core/job.ts';
import { taskOfMail } from '../../core/mail.ts';
import { taskOfOwner } from '../../core/task.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Mail } from '../../ports/executor.ts';
import type { HeldTask, TaskKeepers } from '../task-keepers.ts';

export interface TaskAsked {
  /** JSON text that is kept for the attempts that follow; `null`: none. */
  readonly checkpoint: string | null;
  /** Ids of control messages that were handled, and go. */
  readonly handled: readonly string[];
  /** Whether the newest checkpoint is asked for. */
  readonly resumes: boolean;
  /** Ids of control messages that are known. */
  readonly knows: readonly string[];
  /** How long to wait for what is not known. */
  readonly wait: Millis;
}

export interface TaskHeard {
  /** JSON text; `null`: there is none, or nobody has asked. */
  readonly checkpoint: string | null;
  /** Those that were not handled yet, and are not known. */
  readonly controls: readonly Mail[];
  /** `handover`: the task is to go on elsewhere; `canceled`: it is not to run any more, or to begin anew; `null`: it goes on. */
  readonly ends: 'handover' | 'canceled' | null;
}

export interface AttemptTasksParts {
  readonly keepers: Pick<TaskKeepers, 'of'>;
  readonly clock: Clock;
  /** The job without its payload. */
  find(id: string): Promise<Job | null>;
}

/** Throws `conflict` for an attempt of no task and for one that is not held any more, `too_large`, `invalid_request`, and what the store throws. */
export type AskOfTask = (ref: AttemptRef, asked: TaskAsked, signal: AbortSignal) => Promise<TaskHeard>;

export function makeAskOfTask({ keepers, clock, find }: AttemptTasksParts): AskOfTask {
  /** The job of an attempt that is held; what later ones are told is not for others. */
  async function heldJob({ id, fence }: AttemptRef): Promise<Job> {
    const job = await find(id);
    if (job !== null && job.fence === fence && (job.state === 'running' || job.state === 'stopping')) return job;
    throw new HatstandError('conflict', `This attempt of the job ${id} is not held any more. Stop working on it.`, { job: id });
  }

  /** Until something is told, or the time is over. */
  async function hear(
    keeper: HeldTask,
    news: News,
    { knows, wait }: TaskAsked,
    signal: AbortSignal,
  ): Promise<Omit<TaskHeard, 'checkpoint'>> {
    const until = clock.monotonic() + wait;
    signal.addEventListener('abort', news.poke, { once: true });
    await keeper.look();
    for (;;) {
      const poked = news.next();
      const controls = (await keeper.mail()).filter(({ id }) => !knows.includes(id));
      const rest = until - clock.monotonic();
      if (controls.length > 0 || news.ends() !== null || rest <= 0 || signal.aborted) return { controls, ends: news.ends() };
      const forget = clock.after(rest, news.poke);
      await poked;
      forget();
    }
  }

  return async (ref, asked, signal) => {
    const job = await heldJob(ref);
    const keeper = keepers.of(job, 'elsewhere');
    if (keeper === null) throw new HatstandError('conflict', `The job ${ref.id} belongs to no task.`, { job: ref.id });
    const news = newsOf(keeper);
    try {
      if (asked.checkpoint !== null) await keeper.keep(asked.checkpoint);
      for (const id of asked.handled) await keeper.handled(ownMail(job, id));
      const checkpoint = asked.resumes ? await keeper.checkpoint() : null;
      const heard = await hear(keeper, news, asked, signal);
      if (asked.wait > 0) await heldJob(ref);
      return { checkpoint, ...heard };
    } finally {
      keeper.close(false);
    }
  };
}

/** What a task is told from now on. */
interface News {
  ends(): TaskHeard['ends'];
  /** Resolves with the next news, or when it is poked. */
  next(): Promise<void>;
  poke(): void;
}

function newsOf(keeper: HeldTask): News {
  let ends: TaskHeard['ends'] = null;
  let wake = (): void => undefined;
  const poke = (): void => wake();
  keeper.onMail(poke);
  keeper.onUnwanted(() => {
    ends = 'canceled';
    poke();
  });
  const handOver = (): void => {
    ends ??= 'handover';
    poke();
  };
  keeper.handover.addEventListener('abort', handOver);
  if (keeper.handover.aborted) handOver();
  return {
    ends: () => ends,
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    poke,
  };
}

/** An attempt handles what its own task was told. */
function ownMail({ domain, owner }: Job, id: string): Mail {
  if (taskOfMail({ kind: 'mail', domain, key: id }).id === taskOfOwner(owner)?.id) return { id, name: '', data: null };
  throw new HatstandError('invalid_request', `${JSON.stringify(id)} is no control message of this task.`, { field: 'handled' });
}
