/** The command line: HQ's commands with HQ's options, and Hatstand's own. */
import { Command } from 'commander';
import { addChanges } from './change.ts';
import { withExamples } from './client-command.ts';
import { addInfo, versionLine } from './info.ts';
import { addList } from './list.ts';
import { addPush } from './push.ts';
import { addQueues } from './queues.ts';
import { addServe } from './serve.ts';
import { addWait } from './wait.ts';

/** Its errors are thrown (CommanderError) and not printed. */
export function makeProgram(): Command {
  const program = new Command('hatstand')
    .description('A highly available tasking system: push jobs, have them POSTed to your web apps, and lose none.')
    .usage('<command> [options]')
    .version(versionLine(), '-v, --version', 'print the version')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  addServe(program);
  addPush(program);
  addList(program);
  addInfo(program);
  addWait(program);
  addChanges(program);
  addQueues(program);
  return withExamples(program, [
    'hatstand serve',
    'hatstand push http://localhost:8000/ -p \'{"message": "Hello world!"}\'',
    'hatstand list -r -l 10',
    'hatstand help push                        more about one command',
  ]);
}
