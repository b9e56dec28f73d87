/** The command `hatstand`. */
import { failureOf, textOf } from './failure.ts';
import { makeProgram } from './program.ts';
import { withDoubleDashes } from './single-dash.ts';
import { endWithReader, note } from './terminal.ts';

async function main(given: readonly string[]): Promise<void> {
  const program = makeProgram();
  const args = withDoubleDashes(given.length === 0 ? ['help'] : given, program);
  if (args[0] === 'h') args[0] = 'help';
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) return;
    note(textOf(failure, args.includes('--json')));
    process.exitCode = failure.exit;
  }
}

endWithReader();
// Not awaited: a module without top-level await can be loaded by require, as bin/hatstand.cjs does.
void main(process.argv.slice(2));
