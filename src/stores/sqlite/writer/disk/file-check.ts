/** Looks, between the transactions of the writer, whether its files still have their names (file/own-files.ts). */
import type { WriterData } from '../../calls/opening.ts';
import { checkName, checkOwnFiles, ownFiles } from '../../file/own-files.ts';

export interface FileCheck {
  /** Throws `store_failed` when they have not. Looks every 200 ms at most: so long calls may still be answered after it happened. */
  check(): void;
  /** Looks now. */
  areOwn(): boolean;
}

const checkEvery = 200;

/** Duties call at least twice a second, so that it is noticed although nobody else does. */
export function makeFileCheck({ file, name }: Pick<WriterData, 'file' | 'name'>): FileCheck {
  const known = ownFiles(file);
  let checkedAt = performance.now();
  return {
    check() {
      const now = performance.now();
      if (now - checkedAt < checkEvery) return;
      checkedAt = now;
      checkOwnFiles(file, known);
      checkName(name, file, known[0] ?? '');
    },
    areOwn: () => ownFiles(file).every((identity, at) => identity === known[at]),
  };
}
