/** The limits of the store's port. */
import { messageOf } from '../../../core/errors.ts';
import { isPattern, type LimitRecord } from '../../../core/limit.ts';
import { unreadableId } from '../../../core/unreadable.ts';
import type { LimitStore } from '../../../ports/store/limits.ts';
import type { Found } from '../../set-aside.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { asList, type ReplyReader } from '../format/reply-reader.ts';
import { textOf, wordOf } from '../format/words.ts';
import type { Calls } from '../frame/calls.ts';
import { readLimit, settingsText } from './settings.ts';

/** @param found hears of limits that cannot be read */
export function makeLimitPort(calls: Calls, found: Found): LimitStore {
  return {
    list: () => calls.look('limits.list', [], (reply) => readLimits(reply, found)),
    configure(name, settings) {
      const write = (args: Argument[]): string => {
        args.push(settingsText(settings));
        return wordOf(name);
      };
      return calls.step('limits.configure', { also: ['limits'] }, write, () => undefined);
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

function readLimits(reply: Reply, found: Found): readonly LimitRecord[] {
  const read = (each: ReplyReader): readonly LimitRecord[] => {
    const [name, text, left] = [textOf(each.text()), each.text(), Number(each.text())];
    const [held, parked] = [each.number(), each.number()];
    try {
      const settings = readLimit(text);
      if (isPattern(name)) return [{ name, ...settings, left: null, held: null, parked: null }];
      return [{ name, ...settings, left: settings.rate === null ? null : left, held, parked }];
    } catch (error) {
      found({ id: unreadableId('limit', name), reason: messageOf(error) });
      return [];
    }
  };
  return asList(reply).rest(read).flat();
}
