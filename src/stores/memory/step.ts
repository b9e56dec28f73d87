/** One atomic step: its time, its entry in the journal and the hints it gives. */
import type { NewEvent, ToldEvent } from '../../core/event.ts';
import type { JobId } from '../../core/id.ts';
import type { StoreTime } from '../../core/store-time.ts';
import type { DefinedNote, FiredNote, JournalEntry } from '../../ports/store/journal.ts';
import type { Hint } from '../../ports/store/store.ts';
import { readyHint } from '../ready-hint.ts';

type Moved = JournalEntry['moved'][number];

export class Step {
  /** The time that is shown, in whole Unix milliseconds. */
  readonly now: number;
  /** The time of intervals, in whole milliseconds. */
  readonly steady: number;
  /** Microseconds that only rise, for fences. */
  readonly micros: number;
  /** By how much these are ahead of `now`, in milliseconds. */
  readonly orderAhead: number;
  /** In how many milliseconds `now` may be what something is removed for; 0: it may be. */
  readonly believedIn: number;
  readonly #moved: { readonly verb: Moved['verb']; readonly ids: JobId[] }[] = [];
  readonly #hints = new Map<string, Hint>();
  /** Workers of which there may be something to claim. */
  readonly #ready = new Set<string>();
  #readyAnyway: boolean = false;
  readonly #ended: JobId[] = [];
  readonly #defined: DefinedNote[] = [];
  readonly #fired: FiredNote[] = [];
  readonly #told: ToldEvent[] = [];

  constructor({ now, steady, micros, orderAhead, believedIn }: StoreTime) {
    this.now = now;
    this.steady = steady;
    this.micros = micros;
    this.orderAhead = orderAhead;
    this.believedIn = believedIn;
  }

  moved(verb: Moved['verb'], id: JobId): void {
    const last = this.#moved.at(-1);
    if (last?.verb === verb) last.ids.push(id);
    else this.#moved.push({ verb, ids: [id] });
  }

  /** There may be something to claim, of this worker; `null`: of any. */
  ready(worker: string | null): void {
    if (worker === null) this.#readyAnyway = true;
    else this.#ready.add(worker);
  }

  inbox(holder: string): void {
    this.#hints.set(`inbox ${holder}`, { kind: 'inbox', holder });
  }

  ended(id: JobId): void {
    this.#ended.push(id);
  }

  /** A definition was put or removed. */
  defined(owner: string, version: number, note = ''): void {
    this.#defined.push({ owner, version, ...(note === '' ? {} : { note }) });
    this.hint({ kind: 'defined' });
  }

  fired(note: FiredNote): void {
    this.#fired.push(note);
  }

  /** Answers the event's number. */
  told(event: NewEvent): number {
    const number = this.#told.push({ ...event, number: this.#told.length }) - 1;
    this.hint({ kind: 'told' });
    return number;
  }

  hint(hint: Hint): void {
    this.#hints.set(hint.kind, hint);
  }

  /** For the journal; `null`: nothing has changed that it tells of. */
  entry(seq: number): JournalEntry | null {
    const [moved, defined, fired, told] = [this.#moved, this.#defined, this.#fired, this.#told];
    return moved.length + defined.length + fired.length + told.length === 0 ? null : { seq, at: this.now, moved, defined, fired, told };
  }

  hints(): readonly Hint[] {
    const ready = readyHint(this.#ready, this.#readyAnyway);
    const hints = [...(ready === null ? [] : [ready]), ...this.#hints.values()];
    return this.#ended.length === 0 ? hints : [...hints, { kind: 'ended', ids: this.#ended }];
  }
}
