import { type Command, Option } from 'commander';
import type { Watched } from '../client/client.ts';
import { briefly } from '../client/fault.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { whole } from './option-values.ts';
import { note, paint, plain, printLine } from './terminal.ts';

interface WatchOptions extends ClientOptions {
  readonly task?: boolean;
  readonly domain?: string;
  readonly event?: readonly string[];
  readonly after?: string;
  readonly count?: number;
}

export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('watch a job or a task live, wherever it runs: how far it is, its log, and what it tells; ends with it')
    .argument('<id>', 'of a job, or of a task')
    .option('--task', 'it is the id of a task, though it is a number')
    .option('--domain <name>', 'the tenant of a task')
    .option('--event <name...>', 'of what the function tells by `emit`, these alone')
    .option('--after <place>', 'go on behind this place, as --json shows it')
    .addOption(
      new Option('-c, --count <n>', 'end after so many events, lines of its log, and reports of its progress').argParser(
        whole(1, 1_000_000_000),
      ),
    );
  const examples = ['hatstand watch 109192606348480512', 'hatstand watch tail-1 --event scanned', 'hatstand watch tail-1 --json'];
  const json = 'each on a line, with its `kind` (job, task, progress, line, event, missed) and `place`';
  askingServer(command, examples, json).action(async (id: string, options: WatchOptions) => {
    const { domain, event, after, count = Number.POSITIVE_INFINITY } = options;
    let left = count;
    const watched = clientOf(options).watch(id, {
      ...{ domain, after, events: event },
      ...(options.task === true ? { of: 'task' as const } : {}),
      onLost: (fault) => note(`${briefly(fault)} Connecting again, to go on where it was.`),
    });
    for await (const each of watched) {
      await (options.json === true ? printLine(JSON.stringify(each)) : tell(each));
      if (isTold(each) && --left === 0) return;
    }
  });
}

/** And not how it stands. */
const isTold = ({ kind }: Watched): boolean => kind === 'progress' || kind === 'line' || kind === 'event';

/** The time of the day, in UTC. */
const clock = (at: string): string => paint('gray', at.slice(11, 23));

const colours = { running: 'green', stopping: 'yellow', failed: 'red' } as const;
const levels = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' } as const;

async function tell(watched: Watched): Promise<void> {
  switch (watched.kind) {
    case 'job': {
      const { id, state, unserved, attempt, holder, reason, error } = watched;
      const at = state === 'running' ? ` at ${plain(holder)}, attempt ${attempt}` : unserved ? ', and no node serves its worker' : '';
      const why = [reason, error].filter((each) => each !== '').map((each) => plain(each));
      return note(
        `job ${id} ${state in colours ? paint(colours[state as keyof typeof colours], state) : state}${at}${why.length > 0 ? `: ${why.join(', ')}` : ''}`,
      );
    }
    case 'task': {
      const { id, status, end } = watched;
      return note(`task ${plain(id)} ${status}${end === null ? '' : `: ${end}`}`);
    }
    case 'missed':
      return note(
        watched.count === null
          ? 'Some may be missing here: it runs elsewhere now.'
          : `${watched.count} are missing here: they are not kept any more.`,
      );
    case 'progress':
      return printLine(`${clock(watched.at)} ${paint('dim', 'progress')} ${plain(JSON.stringify(watched.progress))}`);
    case 'line': {
      const facts = watched.fields === null ? '' : ` ${plain(JSON.stringify(watched.fields))}`;
      return printLine(`${clock(watched.at)} ${paint(levels[watched.level], watched.level)} ${plain(watched.text)}${facts}`);
    }
    case 'event':
      return printLine(`${clock(watched.at)} ${paint('dim', 'event')} ${plain(watched.name)} ${plain(JSON.stringify(watched.data))}`);
  }
}
