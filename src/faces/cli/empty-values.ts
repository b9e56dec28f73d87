/** Options and arguments that are an empty text: mostly a variable of the shell that is not set, as in `--data-dir "$DIR"`. */
import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';

/** Those of a job that is pushed for which an empty text is a value, and the default. */
const mayBeEmpty: ReadonlySet<string> = new Set(['name', 'comment', 'domain']);

/** Throws `invalid_request` for the first one: taking the default, or every job, is not what somebody meant who gave it. */
export function refuseEmpty(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli' || command.getOptionValue(name) !== '') continue;
    if (command.name() === 'push' && mayBeEmpty.has(name)) continue;
    throw empty(option.long ?? option.flags);
  }
  const at = command.args.indexOf('');
  if (at >= 0) throw empty(`argument ${at + 1} of ${command.name()}`);
}

function empty(what: string): HatstandError {
  const message = `${what} must not be empty. Leave it out, or give a value. Is a variable of the shell not set?`;
  return new HatstandError('invalid_request', message);
}
