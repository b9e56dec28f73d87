/** How a command says that it failed, and its exit code. */
import { CommanderError } from 'commander';
import { errorTable, HatstandError, messageOf } from '../../core/errors.ts';
import { usageFault } from './usage-fault.ts';
import { messageInWords } from './words.ts';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exit: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

const usage = 2;
const failed = 1;

/** `null`: nothing failed, help or the version was asked for. */
export function failureOf(thrown: unknown): Failure | null {
  if (thrown instanceof CommanderError) return failureOfParsing(thrown);
  if (thrown instanceof HatstandError) {
    return { code: thrown.code, message: messageInWords(thrown), exit: errorTable[thrown.code].exit, details: thrown.details };
  }
  // The system's refusals (a file, a port) explain themselves; anything else is a bug, which its stack explains.
  if (thrown instanceof Error && 'syscall' in thrown) return { code: 'failed', message: thrown.message, exit: failed };
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
  return { code: 'internal', message: `unexpected: ${message}`, exit: errorTable.internal.exit };
}

function failureOfParsing(error: CommanderError): Failure | null {
  if (error.exitCode === 0) return null;
  // Help was printed because a subcommand is missing.
  if (error.code === 'commander.help') return { code: 'usage', message: 'a command is missing', exit: usage };
  return { code: 'usage', message: usageFault(error), exit: usage };
}

/** One line, or JSON. */
export function textOf({ code, message, details = {} }: Omit<Failure, 'exit'>, json: boolean): string {
  return json ? JSON.stringify({ error: { code, message, details } }) : `error: ${message}`;
}
