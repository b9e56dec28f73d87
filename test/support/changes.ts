/** For what tells when it changes: waits for what it comes to without looking again and again. */

export interface Changes {
  /** Something has changed: everybody who waits looks. */
  changed(): void;
  /** Resolves once it is true. */
  seen(isTrue: () => boolean): Promise<void>;
}

export function makeChanges(): Changes {
  const looks = new Set<() => void>();
  return {
    changed() {
      for (const look of looks) look();
    },
    seen: (isTrue) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isTrue()) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
  };
}
