/** What became of jobs that were pushed, as jobs/push.lua answers it. */
import { type JobId, timeOfId } from '../../../core/id.ts';
import type { Pushed } from '../../../ports/store/jobs.ts';
import type { Reply } from '../driver/driver.ts';
import { plainId } from '../format/ids.ts';
import { asText } from '../format/reply-reader.ts';

/** By the letter before an id. */
const pushKinds: Readonly<Record<string, Pushed['kind']>> = { r: 'replayed', c: 'conflict' };

export function readPushed(reply: Reply): readonly Pushed[] {
  const words = asText(reply);
  if (words === '') return [];
  return words.split(' ').map((word) => {
    const kind = pushKinds[word[0] ?? ''];
    const id: JobId = plainId(kind === undefined ? word : word.slice(1));
    return { kind: kind ?? 'pushed', id, createdAt: timeOfId(id) };
  });
}
