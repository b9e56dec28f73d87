/** What a transaction has changed in memory beside the file, as it is taken back when the transaction is. */
export class UndoList {
  #undo: (() => void)[] = [];

  add(undo: () => void): void {
    this.#undo.push(undo);
  }

  commit(): void {
    this.#undo = [];
  }

  /** The newest change first. */
  rollback(): void {
    const undo = this.#undo.reverse();
    this.#undo = [];
    for (const each of undo) each();
  }
}
