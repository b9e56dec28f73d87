/**
 * What the attempts of tasks that run here keep with their tasks, and hear of them: checkpoints and control messages are definitions, put
 * under the fence of the attempt. One look at what has changed serves all of them, however many there are; what hints lose, the duty finds.
 */
import { type Definition, type DefinitionKind, ownerOf } from '../core/definition.ts';
import type { Millis } from '../core/duration.ts';
import { HatstandError, messageOf } from '../core/errors.ts';
import type { AttemptRef, Job } from '../core/job.ts';
import { checkCheckpoint, readCheckpoint, readMail, taskOfMail } from '../core/mail.ts';
import { checkpointKeyOf, placedFor, type Task, type TaskRef, taskKeyOf, taskOfOwner } from '../core/task.ts';
import { readTask } from '../core/task-record.ts';
import type { Mail, TaskKeeper } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { DefinitionPut, DefinitionStore } from '../ports/store/definitions.ts';
import type { Store } from '../ports/store/store.ts';
import { readOrSetAside } from './readable.ts';
import { mailOf } from './task-mail.ts';

export interface TaskKeepers {
  /** `null`: the job belongs to no task. `elsewhere`: its attempt is asked about here, and runs in a program that is no node. */
  of(job: Job, where?: 'here' | 'elsewhere'): HeldTask | null;
  /** Looks for what has changed of the tasks that run here. */
  tick(): Promise<void>;
  /** The same, soon. */
  wake(): void;
}

/** What the runner has of a task whose attempt it holds. */
export interface HeldTask extends TaskKeeper {
  /** It is to go on elsewhere. */
  readonly handOver: () => void;
  /** Called when the task is not to run any more, or to begin anew: its job is about to be canceled. */
  onUnwanted(call: () => void): void;
  /** Looks whether it is to run, and where; `handover` and `onUnwanted` tell. */
  look(): Promise<void>;
  /** The attempt has ended; `isHandedBack`: another one follows. */
  close(isHandedBack: boolean): void;
}

export interface TaskKeepersParts {
  readonly store: Pick<Store, 'definitions' | 'nodes' | 'upkeep'>;
  readonly log: Logger;
  /** The store's present. */
  now(): number;
  isDetached(): boolean;
  /** Whether a node is meant by this name. */
  isThisNode(node: string): boolean;
  /** Attempts of this worker are left to others for a moment. */
  leaveToOthers(worker: string, how: Millis): void;
}

/** What is looked at in one call. */
const pageSize = 250;
/** So long an attempt that was handed back is left to others. */
const othersFirst: Millis = 250;
/** Versions that follow none. */
const behindAll = Number.MAX_SAFE_INTEGER;

export function makeTaskKeepers(parts: TaskKeepersParts): TaskKeepers {
  const { definitions } = parts.store;
  /** By their owners: an attempt elsewhere may be asked about by several at once. */
  const held = new Map<string, Set<Held>>();
  const all = (): readonly Held[] => [...held.values()].flatMap((each) => [...each]);
  /** Behind what each kind is looked at; `null`: nothing is held, so nothing is. */
  let seen: Readonly<Record<'task' | 'mail', number>> | null = null;
  let underWay: Promise<void> | null = null;
  let isWanted = false;

  async function newestOf(kind: DefinitionKind): Promise<number> {
    return (await definitions.list({ by: 'version', kind, after: behindAll, limit: 1 })).newest;
  }

  /** What changed behind a version; answers where it goes on. */
  async function follow(kind: 'task' | 'mail', after: number, tell: (definition: Definition) => void): Promise<number> {
    for (let at = after; ; ) {
      const page = await definitions.list({ by: 'version', kind, after: at, limit: pageSize });
      // What is not told any more was removed, or is told by what came after.
      if (!page.complete) for (const each of all()) each.tellMail();
      for (const definition of page.definitions) tell(definition);
      at = page.definitions.at(-1)?.version ?? Math.max(at, page.more ? at : page.newest);
      if (!page.more) return at;
    }
  }

  async function look(): Promise<void> {
    if (held.size === 0) {
      seen = null;
      return;
    }
    if (seen === null) {
      const [task, mail] = await Promise.all([newestOf('task'), newestOf('mail')]);
      seen = { task, mail };
      // What came before the first look, and after an attempt had read its own, is told by reading again.
      for (const each of all()) each.tellAll();
      return;
    }
    const [task, mail] = await Promise.all([
      follow('task', seen.task, (definition) => {
        for (const each of held.get(ownerOf(definition)) ?? []) each.hear(definition);
      }),
      follow('mail', seen.mail, (definition) => {
        if (definition.body === null) return;
        for (const each of held.get(ownerOf(taskKeyOf(taskOfMail(definition)))) ?? []) each.tellMail();
      }),
    ]);
    seen = { task, mail };
  }

  async function round(): Promise<void> {
    try {
      do {
        isWanted = false;
        await look();
      } while (isWanted);
    } finally {
      underWay = null;
    }
  }

  function tick(): Promise<void> {
    isWanted = true;
    underWay ??= round();
    return underWay;
  }

  /** What fails here is told by the next round of the duty. */
  const wake = (): void => {
    if (held.size > 0) tick().catch(() => undefined);
  };

  return {
    of(job, where = 'here') {
      const ref = taskOfOwner(job.owner);
      if (ref === null) return null;
      const isHere = where === 'here' ? parts.isThisNode : () => false;
      const one = new Held(job, ref, { ...parts, isThisNode: isHere }, () => {
        const others = held.get(job.owner);
        if (others?.delete(one) === true && others.size === 0) held.delete(job.owner);
      });
      // A newer attempt of the same task may come while an older one ends.
      held.set(job.owner, (held.get(job.owner) ?? new Set()).add(one));
      wake();
      return one;
    },
    tick,
    wake,
  };
}

class Held implements HeldTask {
  readonly #job: Job;
  readonly #ref: TaskRef;
  readonly #parts: TaskKeepersParts;
  readonly #forget: () => void;
  readonly #handover = new AbortController();
  #onMail: (() => void) | null = null;
  #onUnwanted: (() => void) | null = null;
  /** Which of the task's starts was told first. */
  #start: number | null = null;

  constructor(job: Job, ref: TaskRef, parts: TaskKeepersParts, forget: () => void) {
    this.#job = job;
    this.#ref = ref;
    this.#parts = parts;
    this.#forget = forget;
  }

  get handover(): AbortSignal {
    return this.#handover.signal;
  }

  isDetached(): boolean {
    return this.#parts.isDetached();
  }

  // Taken out of it by whoever holds the attempt.
  readonly handOver = (): void => this.#handover.abort();

  close(isHandedBack: boolean): void {
    this.#forget();
    if (isHandedBack) this.#parts.leaveToOthers(this.#job.worker, othersFirst);
  }

  async checkpoint(): Promise<string | null> {
    const { definitions } = await this.#definitions.list({ by: 'keys', keys: [checkpointKeyOf(this.#ref)] });
    const [kept] = definitions;
    if (kept === undefined) return null;
    const told = await readOrSetAside(this.#parts.store, kept, readCheckpoint);
    if (told.kind === 'unreadable') this.#parts.log.error('task.checkpoint_unreadable', { task: this.#ref.id, reason: told.reason });
    return told.kind === 'read' ? told.body : null;
  }

  async keep(checkpoint: string): Promise<void> {
    checkCheckpoint(checkpoint);
    await this.#put({ ...checkpointKeyOf(this.#ref), ...plain, body: checkpoint });
  }

  async mail(): Promise<readonly Mail[]> {
    const all: Mail[] = [];
    for (const each of await mailOf(this.#definitions, this.#ref)) {
      try {
        all.push({ id: each.key, ...readMail(each.body) });
      } catch (error) {
        this.#parts.log.error('task.mail_unreadable', { task: this.#ref.id, mail: each.key, error: messageOf(error) });
        await this.handled({ id: each.key, name: '', data: null });
      }
    }
    return all;
  }

  onMail(call: () => void): void {
    this.#onMail = call;
  }

  async handled({ id }: Mail): Promise<void> {
    await this.#put({ kind: 'mail', domain: this.#ref.domain, key: id, ...plain, body: null });
  }

  tellMail(): void {
    this.#onMail?.();
  }

  /** What it may have missed. */
  tellAll(): void {
    this.tellMail();
    void this.look().catch((error) => this.#parts.log.warn('task.not_looked_at', { task: this.#ref.id, error: messageOf(error) }));
  }

  async look(): Promise<void> {
    const { definitions } = await this.#definitions.list({ by: 'keys', keys: [taskKeyOf(this.#ref)] });
    for (const definition of definitions) this.hear(definition);
  }

  onUnwanted(call: () => void): void {
    this.#onUnwanted = call;
  }

  /** Whether it is to run, and where. */
  hear({ body }: Definition): void {
    const task = readOrNull(body);
    if (task === null) return;
    this.#start ??= task.start;
    if (task.desired !== 'enabled' || task.start !== this.#start) this.#onUnwanted?.();
    if (this.#isMisplaced(task)) this.handOver();
  }

  #isMisplaced({ place }: Task): boolean {
    if (place === null) return false;
    const isHere = this.#parts.isThisNode(place.node);
    const ranBefore = (this.#job.startedAt ?? 0) <= place.at;
    if (place.how === 'from') return isHere && ranBefore;
    return !isHere && (ranBefore || this.#parts.now() <= place.at + placedFor);
  }

  get #definitions(): DefinitionStore {
    return this.#parts.store.definitions;
  }

  /** Under the fence of its attempt. */
  async #put(asked: DefinitionPut): Promise<void> {
    const { id, fence }: AttemptRef = this.#job;
    const put = await this.#definitions.put([asked], { id, fence });
    if (put.kind === 'put') return;
    throw new HatstandError(
      'conflict',
      `This attempt of the task ${JSON.stringify(this.#ref.id)} is not held any more. End it: another one goes on.`,
      {
        task: this.#ref.id,
      },
    );
  }
}

const plain = { group: '', state: null, due: 'never', dueOnEnd: false, if: null } as const;

function readOrNull(body: string | null): Task | null {
  try {
    return readTask(body);
  } catch {
    return null;
  }
}
