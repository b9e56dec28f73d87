/** The limits that there are. A change of one looks at no others. */
import { holdsBack, type LimitSettings, namesFor } from '../../../../core/limit.ts';

export class KnownLimits {
  readonly #all = new Map<string, LimitSettings>();
  readonly #holding = new Set<string>();
  readonly #paused = new Map<string, number>();
  #resumesAt: number | null = null;

  get size(): number {
    return this.#all.size;
  }

  get all(): Iterable<readonly [name: string, settings: LimitSettings]> {
    return this.#all;
  }

  /** Whether any decides which of its jobs start. */
  get holdsBack(): boolean {
    return this.#holding.size > 0;
  }

  /** When the first of those that are paused is so no more; `null`: none is. */
  get resumesAt(): number | null {
    return this.#resumesAt;
  }

  get(name: string): LimitSettings | undefined {
    return this.#all.get(name);
  }

  /** That of the key itself, or of the longest pattern that matches it. */
  of(key: string): LimitSettings | undefined {
    return namesFor(key).flatMap((name) => this.#all.get(name) ?? [])[0];
  }

  /** Those that are paused no more, as they were. */
  resumedBy(now: number): readonly (readonly [name: string, settings: LimitSettings])[] {
    if (this.#resumesAt === null || now < this.#resumesAt) return [];
    return [...this.#paused].flatMap(([name, until]) => {
      const settings = this.#all.get(name);
      return until <= now && settings !== undefined ? [[name, settings] as const] : [];
    });
  }

  /** `undefined`: there is none of this name any more. */
  set(name: string, settings: LimitSettings | undefined): void {
    if (settings === undefined) this.#all.delete(name);
    else this.#all.set(name, settings);
    if (settings !== undefined && holdsBack(settings)) this.#holding.add(name);
    else this.#holding.delete(name);
    this.#pause(name, settings?.pausedUntil ?? null);
  }

  #pause(name: string, until: number | null): void {
    const before = this.#paused.get(name) ?? null;
    if (until === before) return;
    if (until === null) this.#paused.delete(name);
    else this.#paused.set(name, until);
    this.#resumesAt = this.#paused.size === 0 ? null : Math.min(...this.#paused.values());
  }
}
