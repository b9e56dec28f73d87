/** The part of nodes of the scrub: messages that nobody will read. */
import type { State } from '../state.ts';
import type { ScrubPart } from '../upkeep/scrub.ts';

const strayMessages = `
  DELETE FROM inbox WHERE seq IN (
    SELECT seq FROM inbox WHERE holder NOT IN (SELECT incarnation FROM nodes WHERE ending IS NULL) LIMIT ?)`;

export function makeNodeScrub({ db }: State): ScrubPart {
  const remove = db.prepare(strayMessages);
  const inbox = (limit: number) => {
    const wrong = Number(remove.run(limit).changes);
    return { checked: wrong, wrong };
  };
  return { checks: { inbox }, walks: {} };
}
