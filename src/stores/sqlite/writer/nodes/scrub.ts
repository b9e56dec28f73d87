/** The part of nodes of the scrub: messages that nobody will read, and numbers of messages that JavaScript does not reach. */
import type { State } from '../state.ts';
import type { ScrubPart } from '../upkeep/scrub.ts';

const strayMessages = `
  DELETE FROM inbox WHERE seq IN (
    SELECT seq FROM inbox WHERE holder NOT IN (SELECT incarnation FROM nodes WHERE ending IS NULL) LIMIT ?)`;

/** No node gets as many messages; the largest number of all could be followed by none. */
const furthest = 2 ** 52;

export function makeNodeScrub({ db }: State): ScrubPart {
  const remove = db.prepare(strayMessages);
  const removeBeyond = db.prepare(`DELETE FROM inbox WHERE seq > ${furthest}`);
  const mend = db.prepare(`
    UPDATE sqlite_sequence SET seq = coalesce((SELECT max(seq) FROM inbox), 0) WHERE name = 'inbox' AND seq NOT BETWEEN 0 AND ${furthest}`);
  const inbox = (limit: number) => {
    const wrong = [remove.run(limit), removeBeyond.run(), mend.run()].reduce((sum, { changes }) => sum + Number(changes), 0);
    return { checked: wrong, wrong };
  };
  return { checks: { inbox }, walks: {} };
}
