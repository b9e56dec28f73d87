/** The limits of the store's port. */
import { messageOf } from '../../../core/errors.ts';
import { holdsBack, isPattern, type LimitRecord } from '../../../core/limit.ts';
import { unreadableId } from '../../../core/unreadable.ts';
import type { Configured, LimitStore } from '../../../ports/store/limits.ts';
import type { Found } from '../../set-aside.ts';
import type { Argument } from '../driver/driver.ts';
import { asList, type ReplyReader } from '../format/reply-reader.ts';
import { textOf, wordOf } from '../format/words.ts';
import type { Calls } from '../frame/calls.ts';
import { readSettings, settingsText } from './settings.ts';

/** @param found hears of limits that cannot be read */
export function makeLimitPort(calls: Calls, found: Found): LimitStore {
  return {
    list: () =>
      calls.look('limits.list', [], (reply) =>
        asList(reply)
          .rest((each) => readLimit(each.list(), found) ?? [])
          .flat(),
      ),
    configure(name, settings, onlyNew = false) {
      const write = (args: Argument[]): string => {
        args.push(settingsText(settings), onlyNew ? '1' : '0');
        return wordOf(name);
      };
      return calls.step('limits.configure', { also: ['limits'] }, write, (reply) => readConfigured(asList(reply), found));
    },
    remove: (name) =>
      calls.step(
        'limits.remove',
        { also: ['limits'] },
        () => wordOf(name),
        (reply) => reply === 1,
      ),
  };
}

function readConfigured(reply: ReplyReader, found: Found): Configured {
  const kind = reply.text();
  if (kind === 'tooMany') return { kind };
  const limit = readLimit(reply.list(), found);
  if (limit === null) throw new Error('the limit that is there cannot be read');
  return { kind: kind === 'exists' ? kind : 'configured', limit };
}

/** `null`: nobody can read it. */
function readLimit(reply: ReplyReader, found: Found): LimitRecord | null {
  const [name, text, left] = [textOf(reply.text()), reply.text(), Number(reply.text())];
  const [held, parked] = [reply.number(), reply.number()];
  try {
    const settings = readSettings(text);
    if (isPattern(name)) return { name, ...settings, left: null, held: null, parked: null };
    return { name, ...settings, left: settings.rate === null ? null : left, held: holdsBack(settings) ? held : null, parked };
  } catch (error) {
    found({ id: unreadableId('limit', name), reason: messageOf(error) });
    return null;
  }
}
