/** HQ, written in Go, takes long options with one dash too: `-config-file x.toml`, `-limit=5`. */
import type { Command } from 'commander';

/** The arguments with a second dash before every known long option that has one. */
export function withDoubleDashes(args: readonly string[], program: Command): string[] {
  const known = longOptions(program);
  const end = args.indexOf('--');
  return args.map((arg, at) => {
    const name = /^-([a-z][a-z-]+)(?:=|$)/s.exec(arg)?.[1];
    return name !== undefined && known.has(`--${name}`) && (end < 0 || at < end) ? `-${arg}` : arg;
  });
}

function longOptions(command: Command): ReadonlySet<string> {
  const own = command.options.flatMap((option) => (option.long == null ? [] : [option.long]));
  return new Set(['--help', ...own, ...command.commands.flatMap((sub) => [...longOptions(sub)])]);
}
