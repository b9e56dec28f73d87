/** What was meant by an unknown option, also where it is one that help does not show. */
import { type Command, CommanderError } from 'commander';
import { nearest } from '../../config/nearest.ts';

/** Commander itself suggests what help shows only. */
export function withSuggestion(error: CommanderError, command: Command): CommanderError {
  const unknown = /^error: unknown option '(--[^'=]+)[^']*'$/.exec(error.message)?.[1];
  if (unknown === undefined) return error;
  const hidden = command.options.flatMap((option) => (option.hidden && option.long != null ? [option.long] : []));
  const meant = nearest(unknown, hidden);
  if (meant === null) return error;
  return new CommanderError(error.exitCode, error.code, `${error.message}\n(Did you mean ${meant}?)`);
}
