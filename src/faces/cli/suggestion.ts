/** What was meant by an unknown option, also where it is one that help does not show. */
import { type Command, CommanderError, type Option } from 'commander';
import { nearest } from '../../core/nearest.ts';
import { synonymIn } from '../../core/synonyms.ts';

/** Commander itself suggests what help shows only, and nothing for an option with `=` and a value. */
export function withSuggestion(error: CommanderError, command: Command): CommanderError {
  const [, unknown, value] = /^error: unknown option '(--[^'=]+)(=.*)?'$/s.exec(error.message) ?? [];
  if (unknown === undefined) return error;
  const meant = synonyms.get(unknown) ?? near(unknown, value, command);
  if (meant === null) return error;
  return new CommanderError(error.exitCode, error.code, `${error.message}\n(Did you mean ${meant}?)`);
}

/** What other servers call an option of ours. */
const synonyms = new Map([
  ['--port', '--addr host:port'],
  ['--host', '--addr host:port'],
  ['--bind', '--addr host:port'],
  ['--listen', '--addr host:port'],
]);

function near(unknown: string, value: string | undefined, command: Command): string | null {
  const [word, all] = [unknown.slice(2), longNames(command.options)];
  const meant = nearest(word, longNames(command.options.filter((option) => option.hidden || value !== undefined))) ?? synonymIn(word, all);
  return meant === null ? null : `--${meant}`;
}

/** Without their dashes, which would make short ones look alike. */
const longNames = (options: readonly Option[]): readonly string[] => options.flatMap(({ long }) => long?.slice(2) ?? []);
