/** Hints: those of this store's own steps at once, those of others over a channel. */
import type { Hint } from '../../../ports/store/store.ts';
import type { Driver } from '../driver/driver.ts';
import { idsIn } from '../format/ids.ts';
import { noWord, textOf } from '../format/words.ts';

export interface Hints {
  /** What a script told (publish.lua): `ready` and workers or nothing, ended ids, holders with a new message, `defined` or nothing, `told` or nothing. */
  tell(hints: string): void;
  listen(listener: (hint: Hint) => void): () => void;
}

/** @param self the word of this store's node, whose messages are known already */
export function makeHints(driver: Driver, channel: string, self: () => string): Hints {
  const listeners = new Set<(hint: Hint) => void>();
  let isSubscribed = false;

  const emit = (hint: Hint): void => {
    for (const listener of [...listeners]) listener(hint);
  };

  function tell(hints: string): void {
    if (hints === '' || listeners.size === 0) return;
    const [ready = '', ids = '', holders = '', defined = '', told = ''] = hints.split(';');
    if (ready !== '') emit({ kind: 'ready', workers: workersIn(ready) });
    if (holders !== '') for (const holder of holders.split(' ')) emit({ kind: 'inbox', holder: textOf(holder) });
    if (defined !== '') emit({ kind: 'defined' });
    if (told !== '') emit({ kind: 'told' });
    if (ids !== '') emit({ kind: 'ended', ids: idsIn(ids) });
  }

  function hear(message: string): void {
    const end = message.indexOf(';');
    const sender = message.slice(0, end);
    if (sender === noWord || sender !== self()) tell(message.slice(end + 1));
  }

  /** Without it, polling goes on as before; the next listener tries again. */
  function subscribe(): void {
    if (isSubscribed) return;
    isSubscribed = true;
    driver
      .subscribe(channel, hear, () => emit({ kind: 'ready', workers: null }))
      .catch(() => {
        isSubscribed = false;
      });
  }

  return {
    tell,
    listen(listener) {
      listeners.add(listener);
      subscribe();
      return () => void listeners.delete(listener);
    },
  };
}

const readyMark = 'ready ';

/** `null`: any. */
function workersIn(ready: string): readonly string[] | null {
  const words = ready.slice(readyMark.length);
  return words === '' ? null : words.split(' ').map(textOf);
}
