/** Events as server-sent events (WHATWG HTML, section 9.2). */
import type { Millis } from '../../../core/duration.ts';
import { eventJson } from '../../../core/event.ts';
import { placeText } from '../../../engine/api/event-place.ts';
import type { Followed } from '../../../engine/api/feed.ts';

/** After so long without an event the client is sent a comment, so that it, and what lies between, know that the connection lives. */
const quiet: Millis = 15_000;
/** How long a client waits before it connects again. */
const retry: Millis = 2_000;

const lines = (text: string): string => text.replaceAll(/\r\n|\r|\n/g, '\ndata: ');

export function blockOf(followed: Exclude<Followed, { readonly kind: 'caughtUp' }>): string {
  const id = placeText(followed.place);
  if (followed.kind === 'gap') return `event: gap\nid: ${id}\ndata: {"gap":"${followed.gap}"}\n\n`;
  return `id: ${id}\ndata: ${lines(eventJson(followed.event))}\n\n`;
}

/** A block without data moves the client's place, and is no event. */
const placeBlock = (text: string, { place }: Followed): string => `: ${text}\nid: ${placeText(place)}\n\n`;

/** @param now monotonic */
export async function* eventStream(followed: AsyncIterable<Followed>, now: () => Millis): AsyncGenerator<string, void, undefined> {
  let sentAt = now();
  let isBegun = false;
  yield `retry: ${retry}\n\n`;
  for await (const each of followed) {
    if (each.kind !== 'caughtUp') yield blockOf(each);
    else if (!isBegun) yield placeBlock('following', each);
    else if (now() - sentAt >= quiet) yield placeBlock('still here', each);
    else continue;
    isBegun = true;
    sentAt = now();
  }
}
