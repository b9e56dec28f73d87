/** The command line of Hatstand: everything asks `/v1`. */
import { Command } from 'commander';
import { addBatches } from './batches.ts';
import { addChanges } from './change.ts';
import { addDoctor } from './doctor.ts';
import { refuseEmpty } from './empty-values.ts';
import { addEvents } from './events.ts';
import { withExamples } from './examples.ts';
import { addExport } from './export.ts';
import { addImport } from './import.ts';
import { addInfo } from './info.ts';
import { addLimits } from './limits.ts';
import { addList } from './list.ts';
import { addLogs } from './logs.ts';
import { addNodes } from './nodes.ts';
import { addPurge } from './purge.ts';
import { addPush } from './push.ts';
import { addQueues } from './queues.ts';
import { addServe } from './serve.ts';
import { addStats } from './stats.ts';
import { suggestEverywhere } from './suggestion.ts';
import { addTasks } from './tasks.ts';
import { addTriggers } from './triggers.ts';
import { addVersion, versionLine } from './version.ts';
import { addWait } from './wait.ts';
import { addWatch } from './watch.ts';
import { addWorkers } from './workers.ts';

export const exitCodes = `Exit codes: 0 done, also when there was nothing to do, 1 failed, 2 wrong usage or request, 3 no server or store to be reached,
4 token refused, 5 not found, 6 the state does not allow it, 7 an awaited job did not succeed, 70 a bug, 75 address or data in
use, 78 wrong configuration, 124 time is up, 130 Ctrl-C. Ids and data go to stdout, everything else to stderr.`;

/** Its errors are thrown (CommanderError) and not printed. */
export function makeProgram(): Command {
  const program = new Command('hatstand')
    .description('A highly available tasking system: push jobs, have them POSTed to your web apps, and lose none.')
    .usage('<command> [options]')
    .version(versionLine('hatstand'), '-v, --version', 'print the version')
    .hook('preAction', (_, command) => refuseEmpty(command))
    .configureOutput({ outputError: () => undefined });
  addServe(program);
  addPush(program);
  addList(program);
  addInfo(program);
  addLogs(program);
  addWatch(program);
  addStats(program);
  addWait(program);
  addChanges(program);
  addPurge(program);
  addQueues(program);
  addLimits(program);
  addTriggers(program);
  addBatches(program);
  addTasks(program);
  addEvents(program);
  addWorkers(program);
  addNodes(program);
  addDoctor(program);
  addExport(program);
  addImport(program);
  addHq(program);
  addVersion(program);
  suggestEverywhere(program);
  withExamples(program, [
    'hatstand serve',
    'hatstand push http://localhost:8000/ -p \'{"message": "Hello world!"}\'',
    'hatstand list -s failed',
    'hatstand help push                        more about one command',
  ]);
  return program.addHelpText('after', `\n${exitCodes}`);
}

/** For the help alone: main.ts gives these words to a program of their own. */
function addHq(program: Command): void {
  const command = program.command('hq').description("HQ's command line as it was: `hatstand hq help`").argument('<command...>');
  withExamples(command, ['hatstand hq help', 'hatstand hq push job.json', 'hatstand hq list --status failure']);
}
