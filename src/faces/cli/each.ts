/** Commands about several jobs, queues or nodes. */
import { type ErrorCode, HatstandError } from '../../core/errors.ts';
import { failureOf, textOf } from './failure.ts';
import { note } from './terminal.ts';

/** What the server says of one of them alone. */
const refusals: ReadonlySet<ErrorCode> = new Set(['not_found', 'conflict', 'invalid_request']);

/** Does what can be done: one that is refused is told, gives the exit code, and stops no other. */
export async function forEach(
  names: Iterable<string> | AsyncIterable<string>,
  json: boolean | undefined,
  change: (name: string) => Promise<void>,
): Promise<void> {
  for await (const name of names) {
    try {
      await change(name);
    } catch (error) {
      const failure = failureOf(error);
      if (!(error instanceof HatstandError) || !refusals.has(error.code) || failure === null) throw error;
      note(textOf(failure, json === true));
      process.exitCode ??= failure.exit;
    }
  }
}
