/** What this machine keeps of what the store could not take, until it can: texts in their order, which survive a crash. */

export interface SpooledText {
  /** Its place: later ones have greater numbers. */
  readonly place: number;
  readonly text: string;
}

/** Its calls answer at once, since they are few: somebody calls it only while the store is away. */
export interface Spool {
  /** Where it is, for people. */
  readonly location: string;
  /** Keeps all of them, or none. Throws `store_full` beyond its limit, `store_failed`. */
  add(texts: readonly string[]): void;
  /** The oldest ones, also those that another process has left. Throws `store_failed`, `store_unusable`. */
  oldest(limit: number): readonly SpooledText[];
  /** What `oldest` told last is not needed any more, up to this place; nothing is done to what it has not told. Throws as `oldest`. */
  remove(upTo: number): void;
  close(): void;
}
