/** When the next scheduled job is due: never later than the truth, so that looking is needed only then. */
export class DueHint {
  #next: number | null = null;

  get next(): number | null {
    return this.#next;
  }

  expect(at: number): void {
    if (this.#next === null || at < this.#next) this.#next = at;
  }

  reset(at: number | null): void {
    this.#next = at;
  }
}
