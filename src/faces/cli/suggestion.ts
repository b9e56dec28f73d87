/** What was meant by an unknown option, also where it is one that help does not show. */
import { type Command, CommanderError } from 'commander';
import { nearest } from '../../core/nearest.ts';

/** Commander itself suggests what help shows only, and nothing for an option with `=` and a value. */
export function withSuggestion(error: CommanderError, command: Command): CommanderError {
  const [, unknown, value] = /^error: unknown option '(--[^'=]+)(=.*)?'$/s.exec(error.message) ?? [];
  if (unknown === undefined) return error;
  const known = command.options.filter((option) => option.hidden || value !== undefined).flatMap(({ long }) => long ?? []);
  const meant = nearest(unknown, known);
  if (meant === null) return error;
  return new CommanderError(error.exitCode, error.code, `${error.message}\n(Did you mean ${meant}?)`);
}
