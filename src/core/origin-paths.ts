/** Paths of an origin that are told apart, as numbers in short lists: those that are served and those that are not. */

/** Of each kind. More are not told apart. */
export const mostPaths = 16;
/** As much of a path is looked at. */
const longestLooked = 256;

const [slash, questionMark, zero, nine] = [0x2f, 0x3f, 0x30, 0x39];
const [basis, prime] = [0x811c9dc5, 0x01000193];

/**
 * A number for a path (FNV-1a): small, and it keeps no text of a job. Its query does not count, and what stands between two slashes
 * and has a digit counts as any other such: it is an id.
 */
export function pathKey(path: string): number {
  let hash = basis;
  let beforeSegment = basis;
  let isId = false;
  const end = Math.min(path.length, longestLooked);
  for (let i = 0; i < end; i++) {
    const code = path.charCodeAt(i);
    if (code === questionMark) break;
    if (code === slash) {
      if (isId) hash = mixed(beforeSegment, zero);
      beforeSegment = hash = mixed(hash, slash);
      isId = false;
    } else {
      isId ||= code >= zero && code <= nine;
      hash = mixed(hash, code);
    }
  }
  return isId ? mixed(beforeSegment, zero) : hash;
}

const mixed = (hash: number, code: number): number => Math.imul(hash ^ code, prime);

/** The newest last, which puts the oldest out. */
export const withPath = (paths: readonly number[], key: number): readonly number[] =>
  paths.includes(key) ? paths : [...paths.slice(1 - mostPaths), key];

export const withoutPath = (paths: readonly number[], key: number): readonly number[] =>
  paths.includes(key) ? paths.filter((each) => each !== key) : paths;
