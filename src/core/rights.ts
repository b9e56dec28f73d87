/** What a machine's other users may do with a file, by its rights and those of the folders around it (POSIX modes). */

/** What is kept for this user alone is made with these. */
export const own = { file: 0o600, folder: 0o700 } as const;

const group = 0o070;
const others = 0o007;
const write = 0o022;

/**
 * The bits of the file's mode for its group and all others, as far as these get to the file. 0: nobody else does.
 *
 * @param path absolute
 * @param modeOf the mode of what is at a path; 0 when there is nothing
 */
export function opennessOf(path: string, modeOf: (path: string) => number): number {
  let reached = modeOf(path) & (group | others);
  for (let at = parentOf(path); reached !== 0 && at !== null; at = parentOf(at)) reached &= passedBy(modeOf(at));
  return reached;
}

/** Who gets through a folder with this mode. Of which group it is nobody asks here: a member of one may be a member of another. */
const passedBy = (mode: number): number => ((mode & 0o011) === 0 ? 0 : group) | ((mode & 0o001) === 0 ? 0 : others);

function parentOf(path: string): string | null {
  const end = path.lastIndexOf('/');
  return path === '/' || end < 0 ? null : path.slice(0, end) || '/';
}

/** `others may read it`, `its group and others may read and change it`; what only lets pass is `reach`ed. */
export function whoMay(openness: number): string {
  const who = (openness & others) === 0 ? 'its group' : (openness & group) === 0 ? 'others' : 'its group and others';
  const changes = (openness & write) !== 0;
  const reads = (openness & 0o044) !== 0;
  return `${who} may ${reads && changes ? 'read and change' : changes ? 'change' : reads ? 'read' : 'reach'} it`;
}

/** Of other users than those of its group. */
export const isOpenToOthers = (openness: number): boolean => (openness & 0o006) !== 0;

/** As `chmod` takes it. */
export const modeText = (mode: number): string => (mode & 0o777).toString(8).padStart(3, '0');
