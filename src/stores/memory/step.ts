/** One atomic step: its time, the event it leaves and the hints it gives. */
import type { JobId } from '../../core/id.ts';
import type { JournalEntry } from '../../ports/store/journal.ts';
import type { Hint } from '../../ports/store/store.ts';

type Moved = JournalEntry['moved'][number];

export class Step {
  /** Whole Unix milliseconds. */
  readonly now: number;
  /** Unix microseconds, for fences. */
  readonly micros: number;
  readonly #moved: { readonly verb: Moved['verb']; readonly ids: JobId[] }[] = [];
  readonly #hints = new Map<string, Hint>();
  readonly #ended: JobId[] = [];

  constructor(time: number) {
    this.now = Math.floor(time);
    this.micros = Math.floor(time * 1_000);
  }

  moved(verb: Moved['verb'], id: JobId): void {
    const last = this.#moved.at(-1);
    if (last?.verb === verb) last.ids.push(id);
    else this.#moved.push({ verb, ids: [id] });
  }

  /** There may be something to claim. */
  ready(): void {
    this.#hints.set('ready', { kind: 'ready' });
  }

  inbox(holder: string): void {
    this.#hints.set(`inbox ${holder}`, { kind: 'inbox', holder });
  }

  ended(id: JobId): void {
    this.#ended.push(id);
  }

  get event(): readonly Moved[] {
    return this.#moved;
  }

  hints(): readonly Hint[] {
    const hints = [...this.#hints.values()];
    return this.#ended.length === 0 ? hints : [...hints, { kind: 'ended', ids: this.#ended }];
  }
}
