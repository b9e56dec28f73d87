/** What became of jobs that were pushed, as jobs/push.lua answers it. */
import { type JobId, timeOfId } from '../../../core/id.ts';
import type { Pushed } from '../../../ports/store/jobs.ts';
import type { Reply } from '../driver/driver.ts';
import { plainId } from '../format/ids.ts';
import { asText } from '../format/reply-reader.ts';
import { textOf } from '../format/words.ts';

/** By the letter before an id. */
const pushKinds: Readonly<Record<string, 'replayed' | 'conflict' | 'duplicate'>> = { r: 'replayed', c: 'conflict', d: 'duplicate' };
/** Its queue takes none. */
const closed = 'x';
/** Before how long its limit waits, and the word of its key. */
const limited = 'l';

/** Before the id of the job for which it would wait, and which is not there. */
const dangling = 'a';

function readLimited(word: string): Pushed {
  const at = word.indexOf(':');
  return { kind: 'limited', key: textOf(word.slice(at + 1)), wait: Number(word.slice(limited.length, at)) };
}

/** The id, and behind a colon for how many others it waits. */
function readKept(word: string): Pushed {
  const [place = '', left] = word.split(':');
  const id: JobId = plainId(place);
  const createdAt = timeOfId(id);
  return left === undefined ? { kind: 'pushed', id, createdAt } : { kind: 'pushed', id, createdAt, left: Number(left) };
}

export function readPushed(reply: Reply): readonly Pushed[] {
  const words = asText(reply);
  if (words === '') return [];
  return words.split(' ').map((word) => {
    if (word === closed) return { kind: 'closed' };
    if (word.startsWith(limited)) return readLimited(word);
    if (word.startsWith(dangling)) return { kind: 'dangling', awaited: plainId(word.slice(1)) };
    const kind = pushKinds[word[0] ?? ''];
    if (kind === undefined) return readKept(word);
    const [place = '', created] = word.slice(1).split(':');
    const id: JobId = plainId(place);
    return { kind, id, createdAt: created === undefined ? timeOfId(id) : Number(created) };
  });
}
