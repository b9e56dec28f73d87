/** The command `hatstand`. `hatstand hq …`, and a link to it that is named `hq`, are HQ's command line. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { emptyVariables, misspeltVariables } from './environment.ts';
import { type Failure, failureOf, textOf } from './failure.ts';
import { hqFailureOf, hqTextOf, makeHqProgram } from './hq/program.ts';
import { hideSecretArgs } from './process-title.ts';
import { makeProgram } from './program.ts';
import { withDoubleDashes } from './single-dash.ts';
import { hatstandVerbs, hqVerbs, withVerb } from './synonyms.ts';
import { endWithReader, note } from './terminal.ts';
import { withTopic } from './topic.ts';

/** A command line: how it is read, and how it says that something failed. */
interface Dialect {
  readonly program: Command;
  readonly args: readonly string[];
  failureOf(thrown: unknown): Failure | null;
  textOf(failure: Failure): string;
  tell(line: string): void;
}

function dialectOf(called: string, given: readonly string[]): Dialect {
  const isLink = basename(called) === 'hq';
  if (isLink || given[0] === 'hq') {
    const program = makeHqProgram(isLink ? 'hq' : 'hatstand hq');
    const args = withVerb(isLink ? given : given.slice(1), hqVerbs);
    return { program, args, failureOf: hqFailureOf, textOf: hqTextOf, tell: note };
  }
  const json = given.includes('--json');
  return {
    program: makeProgram(),
    args: withVerb(given, hatstandVerbs),
    failureOf,
    textOf: (failure) => textOf(failure, json),
    tell: (line) => note(json ? JSON.stringify({ warning: { message: line } }) : line),
  };
}

async function main(called: string, given: readonly string[]): Promise<void> {
  const { program, args, ...dialect } = dialectOf(called, given);
  for (const line of [...misspeltVariables(process.env), ...emptyVariables(process.env, args[0] === 'serve')]) dialect.tell(line);
  try {
    await program.parseAsync(withTopic(withDoubleDashes(args, program), program), { from: 'user' });
  } catch (error) {
    const failure = dialect.failureOf(error);
    if (failure === null) return;
    note(dialect.textOf(failure));
    process.exitCode = failure.exit;
    // What more may come from it must not keep the process.
    process.stdin.destroy();
  }
}

endWithReader();
const [, called = '', ...given] = process.argv;
hideSecretArgs(given);
// Not awaited: a module without top-level await can be loaded by require, as bin/hatstand.cjs does.
void main(called, given);
