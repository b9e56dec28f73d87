/** The command line: HQ's commands with HQ's options, and Hatstand's own. */
import { Command } from 'commander';
import { addChanges } from './change.ts';
import { withExamples } from './client-command.ts';
import { addDoctor } from './doctor.ts';
import { addExport } from './export.ts';
import { addImport } from './import.ts';
import { addInfo, versionLine } from './info.ts';
import { addList } from './list.ts';
import { addNodes } from './nodes.ts';
import { addPush } from './push.ts';
import { addQueues } from './queues.ts';
import { addServe } from './serve.ts';
import { addWait } from './wait.ts';

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 wrong usage or request, 3 no server or store to be reached, 4 token refused, 5 not found,
6 the state does not allow it, 7 an awaited job did not succeed, 70 a bug, 75 address or data in use, 78 wrong
configuration, 124 time is up, 130 Ctrl-C. Ids and data go to stdout, everything else to stderr.`;

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
  addNodes(program);
  addDoctor(program);
  addExport(program);
  addImport(program);
  withExamples(program, [
    'hatstand serve',
    'hatstand push http://localhost:8000/ -p \'{"message": "Hello world!"}\'',
    'hatstand list -r -l 10',
    'hatstand help push                        more about one command',
  ]);
  return program.addHelpText('after', exitCodes);
}
